import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createActivities } from '../../src/activities/index.js';
import type { ApprovalPolicy } from '../../src/approval/policy.js';
import type { RunOutcome } from '../../src/run/state.js';
import type { TestRun } from '../support/run/test-run.js';
import { startTestRun } from '../support/run/test-run.js';
import { workersAt } from '../support/run/test-runs.js';
import { createWorld, type World } from '../support/run/world.js';
import { ben, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';
import { withWorkers } from '../support/temporal/workers.js';

quietRuntime();

describe('while every worker is down', () => {
  const dev = devServerForTests();

  /** A card that waits, then no worker while `away` goes on, then one again until the run is over. */
  async function throughOutage(
    policy: Partial<ApprovalPolicy>,
    away: (run: TestRun & { postedAt: number }) => Promise<void>,
  ): Promise<{ world: World; outcome: RunOutcome }> {
    const world = createWorld();
    const taskQueue = randomUUID();
    const settings = { ...workersAt(dev), taskQueue, activities: createActivities(world) };
    const run = await startTestRun({
      client: dev.client,
      taskQueue,
      world,
      own: { policy: policyWith(policy) },
      workflowTaskTimeout: '1 second',
    });
    let postedAt = 0;
    await withWorkers(settings, async () => {
      await run.card();
      postedAt = Date.now();
      await run.postedCard();
    });
    await away({ ...run, postedAt });
    return { world, outcome: await withWorkers(settings, run.outcome) };
  }

  const until = (postedAt: number, ms: number) => delay(Math.max(0, postedAt + ms - Date.now()));

  it('an approval that comes after the expiry releases nothing, and is refused on record', async () => {
    const { world, outcome } = await throughOutage({ expiresAfterMs: 2_000 }, async ({ click, postedAt }) => {
      await until(postedAt, 2_500);
      await click('approve');
    });
    assert.deepEqual(outcome, { state: 'expired' });
    assert.equal(world.calls.execute.length, 0);
    const refused = world.entries.find(({ kind }) => kind === 'refused')?.data as { refusal: unknown };
    assert.deepEqual(refused.refusal, { reason: 'over', state: 'expired' });
  });

  it('an approval that came in time counts, however late a worker hears of it', async () => {
    const { world, outcome } = await throughOutage({ expiresAfterMs: 2_000 }, async ({ click, postedAt }) => {
      await click('approve');
      await until(postedAt, 2_500);
    });
    assert.equal(outcome.state, 'completed');
    assert.equal(world.calls.execute.length, 1);
  });

  it('somebody to whom it was to be escalated meanwhile may approve', async () => {
    const policy = { escalate: { afterMs: 1_000, to: ['UBEN'] }, expiresAfterMs: 60_000 };
    const { world, outcome } = await throughOutage(policy, async ({ click, postedAt }) => {
      await until(postedAt, 1_500);
      await click('approve', ben);
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
