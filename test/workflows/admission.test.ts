import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LimitReached, RunAdmission } from '../../src/run/admission.js';
import type { TestRun } from '../support/run/test-run.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { createWorld, transient, type World } from '../support/run/world.js';
import { ana, ben, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

const four = policyWith({ approvers: ['UBEN'], requesterMayApprove: false });
const admission = (own: Partial<Omit<RunAdmission, 'kind'>>, kind: 'admitted' | 'unsure' = 'admitted') =>
  ({ kind, channel: 'C1', policy: policyWith({}), ...own }) satisfies RunAdmission;
const kinds = (world: World) => world.entries.map(({ kind }) => kind);
const told = (world: World) => world.privately.map(({ message }) => message.kind);

describe('a run that may not have begun', () => {
  const inRun = testRunsAt(timeSkippingForTests());

  it('asks nobody where its start was checked', async () => {
    const world = createWorld();
    world.admissions.push(new Error('not asked'));
    await inRun({}, ({ card }) => card().then(() => {}), { world });
    assert.equal(world.admissions.length, 1);
  });

  it('waits before it searches, until Slack can say that its requester may ask', async () => {
    const world = createWorld();
    world.admissions.push(admission({}, 'unsure'), transient(), admission({}, 'unsure'));
    await inRun(
      { admission: 'pending' },
      async ({ card, click, outcome, written }) => {
        assert.equal((await written('started')).data.goal, 'Draft the release notes');
        await card();
        assert.equal(world.admissions.length, 0, 'asked until Slack said');
        assert.deepEqual(told(world), [], 'told already, in the answer to the command');
        await click('approve');
        assert.equal((await outcome()).state, 'completed');
      },
      { world },
    );
  });

  it('ends before it searches when its requester may not ask, and says so', async () => {
    const world = createWorld();
    const refusal = { reason: 'not-a-requester' } as const;
    world.admissions.push(admission({}, 'unsure'), { ...admission({}), kind: 'refused', refusal });
    await inRun(
      { admission: 'pending' },
      async ({ outcome }) => {
        const why = "You can't start runs here any more";
        assert.deepEqual(await outcome(), { state: 'cancelled', why });
      },
      { world },
    );
    assert.equal(world.calls.search, 0);
    assert.deepEqual(world.privately, [{ to: ana, message: { kind: 'not-admitted', refusal } }]);
    assert.deepEqual(kinds(world), ['started', 'ended']);
  });

  it('fails before it searches where its card can’t be posted, says why, and goes on after Retry', async () => {
    const failure = { step: 'post', code: 'is_archived', message: 'archived' } as const;
    const runs = [
      { shortId: 'sched234', schedule: 'nightly' },
      { shortId: 'typed234', cannotPost: failure },
    ];
    for (const own of runs) {
      const world = createWorld();
      if (own.schedule) world.admissions.push({ ...admission({}), kind: 'cannot-post', failure });
      await inRun(
        own,
        async ({ runs, handle, shortId, card }) => {
          await assert.rejects(handle.result());
          assert.equal(world.calls.search, 0);
          assert.deepEqual(kinds(world), ['started', 'ended']);
          assert.deepEqual(told(world), own.schedule ? ['cannot-post'] : [], 'once');
          const { runId } = await handle.describe();
          assert.equal(await runs.retry(shortId, runId, async () => true, ana), 'started');
          await card();
          assert.equal(world.calls.search, 1);
        },
        { world },
      );
    }
  });

  it('can be stopped while it waits', async () => {
    const world = createWorld();
    world.admissions.push(...Array.from({ length: 200 }, () => admission({}, 'unsure')));
    await inRun(
      { admission: 'pending' },
      async ({ cancel, outcome }) => {
        await world.waitFor(() => world.admissions.length < 199, 'two questions');
        await cancel();
        assert.deepEqual(await outcome(), { state: 'cancelled', by: ana });
      },
      { world },
    );
    assert.equal(world.calls.search, 0);
    assert.deepEqual(kinds(world), ['started', 'ended']);
  });

  it('of a schedule takes the policy and the channel of now, not those that it was saved with', async () => {
    const world = createWorld();
    world.admissions.push(admission({ channel: 'C2', policy: four }));
    await inRun(
      { schedule: 'nightly' },
      async ({ click, refusal, outcome, handle }) => {
        await click('approve', ana);
        assert.equal(await refusal(), 'four-eyes');
        const { memo } = await handle.describe();
        assert.deepEqual([memo?.channel, memo?.approvers], ['C2', ['UBEN']]);
        await click('approve', ben);
        assert.equal((await outcome()).state, 'completed');
      },
      { world },
    );
    assert.equal(world.cards()[0]?.channel, 'C2');
    const started = world.entries.find(({ kind }) => kind === 'started');
    assert.deepEqual(started?.kind === 'started' && [started.data.channel, started.data.policy], [
      'C2',
      four,
    ]);
  });

  it('of a schedule tells its requester that it waits for Slack, and when a limit keeps it from starting', async () => {
    const world = createWorld();
    const limit: LimitReached = { of: 'person', part: 'atOnce', limit: 1, running: ['abcd2345'] };
    const refusal = { reason: 'limit', limit } as const;
    world.admissions.push(admission({}, 'unsure'), { ...admission({}), kind: 'refused', refusal });
    await inRun(
      { schedule: 'nightly' },
      async ({ outcome }) => {
        assert.deepEqual(await outcome(), { state: 'cancelled', why: 'The limit of runs is reached' });
      },
      { world },
    );
    assert.deepEqual(told(world), ['start-waits', 'not-admitted']);
    assert.equal(world.calls.search, 0);
  });
});

describe('a requester who approves', () => {
  const inRun = testRunsAt(timeSkippingForTests());
  const lookUps = async ({ handle }: TestRun) => {
    const { events } = await handle.fetchHistory();
    const names = events?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
    return names?.filter((name) => name === 'lookUpMembership').length;
  };

  it('is refused where Slack doesn’t know them, as anybody else is, and can still reject', async () => {
    const world = createWorld();
    world.strangers.add(ana.user);
    await inRun(
      {},
      async ({ card, click, refusal, outcome }) => {
        await card();
        await click('approve');
        assert.equal(await refusal(), 'unknown-person');
        await click('extend');
        assert.equal(await refusal(2), 'unknown-person');
        await click('reject', ana, { note: 'no longer' });
        assert.equal((await outcome()).state, 'rejected');
      },
      { world },
    );
    assert.equal(world.calls.execute.length, 0);
  });

  it('costs no look-up in the run where Slack has told the listener', async () => {
    await inRun({}, async (run) => {
      await run.card();
      await run.click('approve', ana, { isKnown: true });
      assert.equal((await run.outcome()).state, 'completed');
      assert.equal(await lookUps(run), 0);
    });
    await inRun({}, async (run) => {
      await run.card();
      await run.click('approve', ana, { isKnown: false });
      assert.equal(await run.refusal(), 'unknown-person');
      await run.click('approve');
      assert.equal((await run.outcome()).state, 'completed');
      assert.equal(await lookUps(run), 1, 'without the word of the listener');
    });
  });
});

describe('the budget of a run', () => {
  const inRun = testRunsAt(timeSkippingForTests());
  const tight = { policy: policyWith({ budget: { tokens: 1 } }) };

  it('is asked about before the plan is written anew, once the research and the plans have spent it', async () => {
    const world = createWorld();
    await inRun(
      tight,
      async ({ click, card, question, answer, outcome }) => {
        await card();
        await click('changes', ana, { note: 'once more' });
        const asked = await question('budget');
        const { subject } = asked.item;
        assert.ok(subject.kind === 'budget' && subject.part === 'tokens');
        assert.equal(subject.spent.tokens, 60, 'the research and the plan');
        await answer(asked, { choice: 'stop' });
        const why = 'The budget is used up (tokens)';
        assert.deepEqual(await outcome(), { state: 'cancelled', by: ana, why });
      },
      { world },
    );
    assert.equal(world.calls.plan.length, 1);
  });

  it('is asked about again in later rounds of changes', async () => {
    const world = createWorld();
    const revised = (revision: number) => ({ revision, note: 'once more' });
    await inRun(
      { policy: policyWith({ budget: { tokens: 60 } }) },
      async ({ click, card, question, answer, outcome }) => {
        await card();
        await click('changes', ana, revised(1));
        await answer(await question('budget'), { choice: 'grant' });
        for (const revision of [2, 3]) {
          await card(revision);
          await click('changes', ana, revised(revision));
        }
        await answer(await question('budget'), { choice: 'stop' });
        assert.equal((await outcome()).state, 'cancelled');
      },
      { world },
    );
    assert.equal(world.calls.plan.length, 3);
  });

  it('keeps what was granted for a plan when the plan is carried out', async () => {
    const world = createWorld();
    await inRun(
      { policy: policyWith({ budget: { tokens: 60 } }) },
      async ({ click, card, question, answer, outcome }) => {
        await card();
        await click('changes', ana, { note: 'shorter' });
        await answer(await question('budget'), { choice: 'grant' });
        await card(2);
        await click('approve', ana, { revision: 2 });
        assert.equal((await outcome()).state, 'completed');
      },
      { world },
    );
    assert.equal(world.entries.filter(({ kind }) => kind === 'granted').length, 1);
    assert.equal(world.reports[0]?.usage.tokens, 120, 'the research, two plans and a turn');
  });

  it('is asked about before the first turn where the research and the plan have spent it', async () => {
    const world = createWorld();
    await inRun(
      tight,
      async ({ click, card, question, answer, outcome }) => {
        await card();
        await click('approve');
        await answer(await question('budget'), { choice: 'stop' });
        assert.equal((await outcome()).state, 'cancelled');
      },
      { world },
    );
    assert.equal(world.asked.length, 0);
  });
});
