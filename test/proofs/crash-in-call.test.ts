import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { todoFolder } from '../support/mcp/todos.js';
import { openScene, type Scene } from '../support/product/scene.js';
import { approvedRun, callUnderWay, inThread, resultOf } from '../support/slack/execution.js';
import { ASKS, buttonsOf, cardOf, QUESTION, wordsOf } from '../support/slack/people.js';

/** A change of the list takes this long, half of it before the write and half after. */
const SLOW_MS = 8_000;
/** A machine with other work starts the service slowly. */
const BACK_WITHIN_MS = 60_000;

/** Ends the service as kill -9 does; says how long it took until it was back, and until `seen`. */
async function crash<T>(
  { service, workspace }: Scene,
  test: TestContext,
  seen: () => Promise<T>,
): Promise<T> {
  const before = Date.now();
  const since = () => `${((Date.now() - before) / 1000).toFixed(1)} s`;
  service.crash();
  await workspace.waitFor(() => !workspace.connected(), { what: 'the service to be gone' });
  await workspace.waitFor(() => workspace.connected(), { what: 'the service', timeoutMs: BACK_WITHIN_MS });
  test.diagnostic(`the service was back after ${since()}`);
  const found = await seen();
  test.diagnostic(`the run went on after ${since()}`);
  return found;
}

describe('kill -9 of the service in the middle of a tool call that changes something', () => {
  let scene: Scene;
  const todos = todoFolder({ delayMs: SLOW_MS });
  before(async () => {
    scene = await openScene({ env: { MCP_CONFIG: todos.config } });
  });
  after(async () => {
    await scene.close();
    todos.remove();
  });
  beforeEach(() => todos.renew());

  const inTheCall = (title: string) =>
    callUnderWay(scene.workspace, scene.workspace.people.ana, scene.workspace.channels.general, title);

  const asksWhetherItHappened = ({ card }: Awaited<ReturnType<typeof inTheCall>>) =>
    inThread(scene.workspace, card, QUESTION, 'We lost contact during this action', BACK_WITHIN_MS);

  it('before it was done asks what happened, and makes it again only when somebody says so', async (test) => {
    const { workspace } = scene;
    const run = await inTheCall('Buy stickers');
    const question = await crash(scene, test, () => asksWhetherItHappened(run));
    assert.deepEqual(buttonsOf(question), [
      'It was done, continue',
      "It wasn't, run it again",
      'Stop run',
      'Exact input',
    ]);
    assert.match(wordsOf(question), /My server stopped or lost its connection during this action/);
    assert.match(wordsOf(question), /title: {2}Buy stickers/);
    await delay(SLOW_MS);
    assert.equal(todos.times('Buy stickers'), 0, 'it is not made by itself');
    await workspace.as(workspace.people.ana).click(question, "It wasn't, run it again");
    await resultOf(workspace, run);
    assert.equal(todos.times('Buy stickers'), 1);
  });

  it('after it was done asks what happened, and never makes it twice by itself', async (test) => {
    const { workspace } = scene;
    const run = await inTheCall('Buy cake');
    await workspace.waitFor(() => todos.times('Buy cake') === 1, { what: 'the change' });
    const question = await crash(scene, test, () => asksWhetherItHappened(run));
    await workspace.as(workspace.people.ana).click(question, 'It was done, continue');
    const result = await resultOf(workspace, run);
    assert.match(wordsOf(result), /Added “Buy cake”: “The answer to this call was lost\. A person looked/);
    assert.equal(todos.times('Buy cake'), 1);
  });

  it('lets people stop the run instead, and says that nobody knows', async (test) => {
    const { workspace } = scene;
    const { ana } = workspace.people;
    const run = await inTheCall('Buy balloons');
    const question = await crash(scene, test, () => asksWhetherItHappened(run));
    await workspace.as(ana).click(question, 'Stop run');
    const over = await cardOf(workspace, run.card.channel, run.shortId, /^Stopped/);
    assert.match(wordsOf(over), new RegExp(`Stopped by <@${ana}>`));
    assert.match(
      wordsOf(over),
      /“Buy balloons” to the to-do list: contact was lost, so it may have been done/,
    );
  });
});

describe('kill -9 of the service in the middle of a tool call that only reads', () => {
  let scene: Scene;
  let folder: string;
  let calls: string;
  before(async () => {
    const server = fileURLToPath(new URL('../support/mcp/slow-server.mjs', import.meta.url));
    folder = mkdtempSync(join(tmpdir(), 'slow-'));
    calls = join(folder, 'calls');
    const config = join(folder, 'mcp.json');
    const slow = { command: process.execPath, args: [server, calls] };
    writeFileSync(config, JSON.stringify({ mcpServers: { slow } }));
    scene = await openScene({ env: { MCP_CONFIG: config } });
  });
  after(async () => {
    await scene.close();
    rmSync(folder, { recursive: true });
  });

  it('makes it again without asking anybody', async (test) => {
    const { workspace } = scene;
    const made = () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').length : 0);
    const run = await approvedRun(
      workspace,
      workspace.people.ana,
      workspace.channels.general,
      'What is on our to-do list?',
    );
    await workspace.waitFor(() => made() === 1, { what: 'the call', timeoutMs: 20_000 });
    await crash(scene, test, () =>
      workspace.waitFor(() => made() === 2, { what: 'the second call', timeoutMs: BACK_WITHIN_MS }),
    );
    assert.match(wordsOf(await resultOf(workspace, run)), /Answer in the end/);
    assert.equal(made(), 2);
    const thread = workspace.thread(run.card.channel, run.card.ts).map(({ text }) => text);
    assert.ok(!thread.some((text) => QUESTION.test(text) || ASKS.test(text)), 'nobody was asked');
  });
});
