import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import proto from '@temporalio/proto';
import { keyOf } from '../../bench/chaos/invariants/thread.js';
import type { Message } from '../../sandbox/workspace/index.js';
import { workflowIdOf } from '../../src/temporal/ids.js';
import { postgresPath } from '../support/ledger/postgres.js';
import { makeNextVersion } from '../support/product/next-version.js';
import { openScene, type Scene } from '../support/product/scene.js';
import { shared } from '../support/shared.js';
import { approvedRun, type CarriedOut, inThread, resultOf } from '../support/slack/execution.js';
import { ASKS, startRun, startWaitingRun } from '../support/slack/people.js';

const skip =
  (!postgresPath() && 'there is no PostgreSQL here: install it, or set POSTGRES_BIN') ||
  (!shared.isBuilt && 'it needs the built product: run it by test/run-tests.ts');

const { WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: DIVERGED } =
  proto.temporal.api.enums.v1.WorkflowTaskFailedCause;

/** A worker takes a run's task in this time, in milliseconds. A task that was left alone is offered again every second. */
const WHILE_MS = 3_000;

describe('a rolling update of a bot and a worker, and back, while runs wait', { skip }, () => {
  let scene: Scene;
  let next: Awaited<ReturnType<typeof makeNextVersion>>;
  /** The process of each role. */
  let running: Record<'bot' | 'worker', Scene['service']>;
  before(async () => {
    next = await makeNextVersion();
    scene = await openScene({
      roles: ['bot', 'worker'],
      postgres: true,
      todos: { delayMs: 0 },
      dynamicConfig: ['history.workflowTaskRetryMaxInterval="1s"'],
    });
    const [bot, worker] = scene.services;
    if (!bot || !worker) throw new Error('There is no bot or no worker');
    running = { bot, worker };
  });
  after(async () => {
    await scene.close();
    next.remove();
  });

  /** Replaces a process by one of another version, which runs before the replaced one ends. */
  async function roll(role: 'bot' | 'worker', version: 'older' | 'newer'): Promise<void> {
    const cli = version === 'newer' && { cli: next.cli };
    const started = await scene.start(role, { name: `${version} ${role}`, ...cli });
    await running[role].stop();
    running[role] = started;
  }

  async function approve(...messages: Message[]): Promise<void> {
    const { workspace } = scene;
    for (const message of messages)
      assert.deepEqual(await workspace.as(workspace.people.ana).click(message, 'Approve'), { ok: true });
  }

  async function eventsOf(shortId: string) {
    const { client, close } = await scene.connect();
    const { events } = await client.workflow.getHandle(workflowIdOf(shortId)).fetchHistory();
    await close();
    return events ?? [];
  }

  it('buttons and runs of each version work with the other; a run that only the newer one can carry on waits for it', async () => {
    const { workspace } = scene;
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    const waiting = (goal: string) => startWaitingRun(workspace, ana, general, goal);
    const ended = (run: CarriedOut) => resultOf(workspace, run);
    const messagesOf = (shortId: string) =>
      workspace.messages(general).filter((message) => keyOf(message)?.startsWith(`${shortId}/`));

    const first = await waiting('compare ways to store files');
    const second = await waiting('compare ways to send mail');
    const third = await waiting('compare ways to keep time');
    const fourth = await waiting('compare ways to print');
    const asking = await approvedRun(workspace, ana, general, 'Add "Buy stickers" to our to-do list');
    const action = await inThread(workspace, asking.card, ASKS, 'add_todo');

    // The older bot with the newer worker.
    await roll('worker', 'newer');
    await approve(first.card);
    await ended(first);
    const begun = await waiting('compare ways to travel');

    // The newer bot, with cards and a request of the older one.
    await roll('bot', 'newer');
    await approve(second.card, action);
    await ended(second);
    await ended(asking);
    const newest = await waiting('compare ways to cook');

    // Rolled back, the worker first: the newer bot with the older worker.
    await roll('worker', 'older');
    await approve(third.card, newest.card);
    await ended(third);
    const shortId = await startRun(workspace, ana, general, 'compare ways to sleep');

    // The older bot with the older worker: runs of the newer version are left alone, and their clicks are taken.
    await roll('bot', 'older');
    await approve(fourth.card, begun.card);
    await ended(fourth);
    await delay(WHILE_MS);
    assert.deepEqual(messagesOf(shortId), [], 'the run of the newer bot has not begun');
    for (const { shortId } of [begun, newest])
      assert.ok(!messagesOf(shortId).some((message) => keyOf(message)?.includes('/result/')), shortId);

    // The newer worker is back.
    await roll('worker', 'newer');
    await ended(begun);
    await ended(newest);
    const card = await workspace.waitFor(
      () => messagesOf(shortId).find((message) => keyOf(message)?.endsWith('/card/1')),
      { what: 'the card of the run that waited for the newer worker', timeoutMs: 30_000 },
    );
    await approve(card);
    const last = { shortId, card };
    await ended(last);

    const onOneVersion = [first, second, third, fourth, asking, newest, last];
    for (const { shortId } of [...onOneVersion, begun]) {
      const keys = messagesOf(shortId).map((message) => keyOf(message) ?? '');
      assert.equal(keys.filter((key) => key.includes('/card/')).length, 1, `one card: ${keys}`);
      assert.equal(keys.filter((key) => key.includes('/result/')).length, 1, `one result: ${keys}`);
    }
    for (const { shortId } of onOneVersion) {
      const causes = (await eventsOf(shortId)).map((event) => event.workflowTaskFailedEventAttributes?.cause);
      assert.ok(!causes.includes(DIVERGED), `${shortId} was carried on by the wrong version`);
    }
    assert.equal(scene.todos().filter(({ title }) => title === 'Buy stickers').length, 1);
  });
});
