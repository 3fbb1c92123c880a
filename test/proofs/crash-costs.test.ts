import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createActivities } from '../../src/activities/index.js';
import { humanApprove } from '../../src/workflows/runtime/signals.js';
import { startTestRun, type TestRun } from '../support/run/test-run.js';
import { workersAt } from '../support/run/test-runs.js';
import { decisionOn, type WaitingCard } from '../support/run/votes.js';
import { createWorld, type World } from '../support/run/world.js';
import { WRITE, worldThatWrites } from '../support/run/writing-world.js';
import { ana, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';
import { startWorkers } from '../support/temporal/workers.js';

quietRuntime();

const DOOMED = fileURLToPath(new URL('../support/run/doomed-worker.ts', import.meta.url));

describe('kill -9 of a process, while another one of the service is up', () => {
  const dev = devServerForTests();

  /** Waits for a message of the process. */
  async function told<T>(doomed: ChildProcess, isIt: (message: unknown) => message is T): Promise<T> {
    const ended = once(doomed, 'exit').then(([code]) => {
      throw new Error(`The process ended by itself, with code ${code}`);
    });
    // It is killed later on.
    ended.catch(() => 'killed');
    for (;;) {
      const [message] = await Promise.race([once(doomed, 'message'), ended]);
      if (isIt(message)) return message;
    }
  }
  const isCard = (message: unknown): message is WaitingCard => typeof message === 'object';
  const isCall = (message: unknown): message is string => message === 'in the call';

  /** Starts a run in a process that is killed once `doom` is over. Returns the seconds until the run goes on in another process, as `hasGoneOn` tells. */
  async function costOf(
    test: TestContext,
    hangsIn: 'search' | 'change' | 'nothing',
    doom: (doomed: ChildProcess, run: TestRun) => Promise<unknown>,
    hasGoneOn: (world: World, run: TestRun, doomed: unknown) => Promise<unknown>,
  ): Promise<number> {
    const taskQueue = randomUUID();
    const world = hangsIn === 'change' ? worldThatWrites() : createWorld();
    const doomed = fork(DOOMED, [dev.address, dev.namespace, taskQueue, hangsIn], {
      execArgv: ['--import', 'tsx'],
    });
    const policy = policyWith({ tools: [{ match: WRITE, rule: 'allow' }] });
    const run = await startTestRun({ client: dev.client, taskQueue, world, own: { policy } });
    const found = await doom(doomed, run);
    const stop = await startWorkers({
      ...workersAt(dev),
      taskQueue,
      activities: createActivities(world),
    });
    // A heartbeat carries the number of the attempt by now.
    await delay(3_000);
    doomed.kill('SIGKILL');
    const began = Date.now();
    await hasGoneOn(world, run, found);
    const seconds = (Date.now() - began) / 1000;
    test.diagnostic(`the run went on after ${seconds.toFixed(1)} s`);
    await run.handle.terminate();
    await stop();
    return seconds;
  }

  const within = 30_000;

  it('costs less than ten seconds in a call to the model', async (test) => {
    const seconds = await costOf(
      test,
      'search',
      (doomed) => told(doomed, isCall),
      (world) => world.waitFor(() => world.calls.search === 1, 'the search', within),
    );
    assert.ok(seconds < 10, `${seconds} s`);
  });

  it('costs less than ten seconds while a run waits', async (test) => {
    const seconds = await costOf(
      test,
      'nothing',
      (doomed) => told(doomed, isCard),
      async (world, { handle }, card) => {
        await handle.signal(humanApprove, decisionOn(card as WaitingCard, 'approve', ana));
        await world.waitFor(() => world.calls.execute.length === 1, 'the execution', within);
      },
    );
    assert.ok(seconds < 10, `${seconds} s`);
  });

  it('asks within seconds about a call that may have changed something, and not while it is only slow', async (test) => {
    const seconds = await costOf(
      test,
      'change',
      async (doomed, { handle }) => {
        const card = await told(doomed, isCard);
        const inCall = told(doomed, isCall);
        await handle.signal(humanApprove, decisionOn(card, 'approve', ana));
        await inCall;
      },
      (world) => {
        const isAsked = () =>
          world
            .thread()
            .some(
              ({ states: [first] }) => first?.kind === 'request' && first.item.subject.kind === 'lost-call',
            );
        return world.waitFor(isAsked, 'the question', within);
      },
    );
    assert.ok(seconds > 7 && seconds < 15, `${seconds} s`);
  });
});
