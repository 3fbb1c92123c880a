import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { createActivities } from '../../src/activities/index.js';
import type { ApprovalPolicy } from '../../src/approval/policy.js';
import type { RunOutcome } from '../../src/run/state.js';
import { installRuntime } from '../../src/temporal/worker.js';
import { humanApprove, WORKFLOW_TYPE } from '../../src/workflows/runtime/signals.js';
import { decisionOn, waitingCard } from '../support/run/votes.js';
import { createWorld, type World } from '../support/run/world.js';
import { ana, ben, policyWith, runInput } from '../support/samples.js';
import { devServerForTests } from '../support/temporal/temporal.js';
import { withWorkers } from '../support/temporal/workers.js';

installRuntime(() => {});

describe('while every worker is down', () => {
  const dev = devServerForTests();

  /** A card that waits, then no worker while `away` goes on, then one again until the run is over. */
  async function throughOutage(
    policy: Partial<ApprovalPolicy>,
    away: (run: { handle: WorkflowHandle; world: World; postedAt: number }) => Promise<void>,
  ): Promise<{ world: World; outcome: RunOutcome }> {
    const world = createWorld();
    const taskQueue = randomUUID();
    const work = async (until: () => Promise<void>) => {
      const settings = { connection: dev.temporal.native, taskQueue, activities: createActivities(world) };
      await withWorkers(settings, until);
    };
    const handle = await dev.temporal.client.workflow.start(WORKFLOW_TYPE, {
      workflowId: randomUUID(),
      taskQueue,
      args: [runInput({ policy: policyWith(policy) })],
      workflowTaskTimeout: '1 second',
    });
    let postedAt = 0;
    await work(async () => {
      await waitingCard(world);
      postedAt = Date.now();
      await world.waitFor(() => world.entries.some(({ kind }) => kind === 'posted'), 'the posted card');
    });
    await away({ handle, world, postedAt });
    let outcome: RunOutcome | undefined;
    await work(async () => {
      outcome = (await handle.result()) as RunOutcome;
    });
    assert.ok(outcome);
    return { world, outcome };
  }

  const until = (postedAt: number, ms: number) => delay(Math.max(0, postedAt + ms - Date.now()));
  const click = async (handle: WorkflowHandle, world: World, by = ana) =>
    handle.signal(humanApprove, decisionOn(await waitingCard(world), 'approve', by));

  it('an approval that comes after the expiry releases nothing, and is refused on record', async () => {
    const { world, outcome } = await throughOutage(
      { expiresAfterMs: 2_000 },
      async ({ handle, world: at, postedAt }) => {
        await until(postedAt, 2_500);
        await click(handle, at);
      },
    );
    assert.deepEqual(outcome, { state: 'expired' });
    assert.equal(world.calls.execute.length, 0);
    const refused = world.entries.find(({ kind }) => kind === 'refused')?.data as { refusal: unknown };
    assert.deepEqual(refused.refusal, { reason: 'over', state: 'expired' });
  });

  it('an approval that came in time counts, however late a worker hears of it', async () => {
    const { world, outcome } = await throughOutage(
      { expiresAfterMs: 2_000 },
      async ({ handle, world: at, postedAt }) => {
        await click(handle, at);
        await until(postedAt, 2_500);
      },
    );
    assert.equal(outcome.state, 'completed');
    assert.equal(world.calls.execute.length, 1);
  });

  it('somebody to whom it was to be escalated meanwhile may approve', async () => {
    const policy = { escalate: { afterMs: 1_000, to: ['UBEN'] }, expiresAfterMs: 60_000 };
    const { world, outcome } = await throughOutage(policy, async ({ handle, world: at, postedAt }) => {
      await until(postedAt, 1_500);
      await click(handle, at, ben);
    });
    assert.equal(outcome.state, 'completed');
    assert.deepEqual(world.privately, []);
    const kinds = world.entries.map(({ kind }) => kind);
    assert.ok(kinds.indexOf('escalated') < kinds.indexOf('voted'), 'it is on record why he might');
    assert.equal(kinds.filter((kind) => kind === 'escalated').length, 1);
  });

  it('one reminder makes up for several that were missed, and the escalation isn’t lost', async () => {
    const policy = {
      remindAfterMs: [600, 1_200, 1_800],
      escalate: { afterMs: 900, to: ['UBEN'] },
      expiresAfterMs: 8_000,
    };
    const { world, outcome } = await throughOutage(policy, ({ postedAt }) => until(postedAt, 2_500));
    assert.equal(outcome.state, 'expired');
    assert.deepEqual(
      world.reminders.map(({ purpose }) => purpose),
      ['escalation', 'reminder'],
    );
  });

  it('nobody is reminded of what has expired', async () => {
    const policy = {
      remindAfterMs: [600, 1_200],
      escalate: { afterMs: 900, to: ['UBEN'] },
      expiresAfterMs: 2_000,
    };
    const { world, outcome } = await throughOutage(policy, ({ postedAt }) => until(postedAt, 2_600));
    assert.equal(outcome.state, 'expired');
    assert.deepEqual(world.reminders, []);
  });
});
