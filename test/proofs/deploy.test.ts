import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { todoFolder } from '../support/mcp/todos.js';
import { openScene, type Scene } from '../support/product/scene.js';
import { callUnderWay, inThread, resultOf } from '../support/slack/execution.js';
import { cardOf, QUESTION, startWaitingRun, wordsOf } from '../support/slack/people.js';

/** A change of the list takes this long, half of it before the write and half after. */
const CALL_MS = 25_000;
const BACK_WITHIN_MS = 60_000;

describe('a deploy in the middle of a tool call', () => {
  let scene: Scene;
  const lines: string[] = [];
  const todos = todoFolder({ delayMs: CALL_MS });
  before(async () => {
    scene = await openScene({
      env: { MCP_CONFIG: todos.config, SHUTDOWN_GRACE_SECONDS: '60', LOG_LEVEL: 'info' },
      say: (line) => lines.push(line),
    });
  });
  after(async () => {
    await scene.close();
    todos.remove();
  });

  it('lets the call end and asks nobody anything; clicks count meanwhile, and the next version goes on', async (test) => {
    const { workspace, service } = scene;
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    const other = await startWaitingRun(workspace, ana, general, 'compare two editors');
    const run = await callUnderWay(workspace, ana, general, 'Buy stickers');
    const pid = service.pid();
    const stoppedAt = Date.now();
    process.kill(pid, 'SIGTERM');

    // A machine with other work may answer late. Clicking again is safe, as people are told.
    for (let clicks = 1; !(await workspace.as(ana).click(other.card, 'Approve')).ok; clicks += 1)
      assert.ok(clicks < 4, 'the old process answers clicks');
    await cardOf(workspace, general, other.shortId, /^(Approved|Working)/);
    assert.equal(todos.times('Buy stickers'), 0, 'the call is still under way');

    await workspace.waitFor(() => service.pid() !== pid, {
      what: 'the next version',
      timeoutMs: BACK_WITHIN_MS,
    });
    const tookMs = Date.now() - stoppedAt;
    test.diagnostic(`the old process ended after ${tookMs} ms`);
    assert.ok(tookMs < 50_000, 'the old process ended when its work was done, and not when its time was up');
    assert.ok(
      lines.some((line) => line.includes('The service ended (exit code 0)')),
      lines.join('\n'),
    );

    assert.match(wordsOf(await resultOf(workspace, run)), /Buy stickers/);
    assert.equal(todos.times('Buy stickers'), 1);
    const thread = workspace.thread(run.card.channel, run.card.ts).map(({ text }) => text);
    assert.ok(!thread.some((text) => QUESTION.test(text)), 'nobody was asked what happened');
    await inThread(workspace, other.card, /(?:)/, 'is done', BACK_WITHIN_MS);
  });
});
