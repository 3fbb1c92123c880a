import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResumePoint } from '../../src/run/input.js';
import type { RunOutcome } from '../../src/run/state.js';
import { cardLost, humanApprove, status } from '../../src/workflows/runtime/signals.js';
import { later } from '../support/later.js';
import { failureOf, type TestRun } from '../support/run/test-run.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { decisionOn, waitingCard } from '../support/run/votes.js';
import { createWorld, permanent, transient, type World } from '../support/run/world.js';
import { ana, ben, chloe, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

describe('a run', () => {
  const inRun = testRunsAt(timeSkippingForTests());

  /** Starts a run that fails after `first`, and tries it again; returns the point from which the retry goes on. */
  async function retryAfter(
    world: World,
    first: (run: TestRun) => Promise<void>,
    retry: (run: TestRun) => Promise<void>,
  ): Promise<ResumePoint> {
    let resume: ResumePoint = {};
    const fail = async (run: TestRun) => {
      await first(run);
      ({ resume } = await failureOf(run.handle));
    };
    await inRun({}, fail, { world });
    await inRun({ resume: { ...resume, retriedBy: ana } }, retry, { world });
    return resume;
  }

  it('shows in its thread that it researches, plans and carries out; without a thread it shows nothing', async () => {
    const toTheEnd = async ({ handle, card, click }: TestRun) => {
      await card();
      await click('approve', ana);
      await handle.result();
    };
    const world = createWorld();
    await inRun({ thread: '7.0' }, toTheEnd, { world });
    assert.deepEqual(
      world.statuses.map(({ thread, status, doing }) => [thread, status, doing]),
      [
        ['7.0', 'processing', 'is researching…'],
        ['7.0', 'processing', 'is writing a plan…'],
        ['7.0', 'processing', 'is carrying out the plan…'],
      ],
    );
    await inRun({}, toTheEnd, { world });
    assert.equal(world.statuses.length, 3);
  });

  it('waits for Approve, carries the plan out with the note, and posts the result under the card', async () => {
    await inRun({}, async ({ world, handle, card, click }) => {
      const { ref } = await card();
      assert.equal(world.calls.execute.length, 0, 'nothing is carried out before the approval');
      await click('approve', ana, { note: 'mind the dates' });
      const outcome = (await handle.result()) as RunOutcome;
      assert.equal(outcome.state, 'completed');
      assert.deepEqual(world.calls.execute, [
        { note: 'mind the dates', by: 'UANA', title: 'Release notes for 2.4' },
      ]);
      assert.deepEqual(world.results, [{ thread: ref, text: 'The result' }]);
      const states = world.cards()[0]?.states.map(({ state }) => state.kind);
      assert.equal(states?.[0], 'waiting');
      assert.equal(states?.at(-1), 'completed');
      const { events } = await handle.fetchHistory();
      const activities = events?.map(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name,
      );
      for (const name of ['searchWeb', 'callLlm', 'persistCheckpoint', 'postCard', 'postResult']) {
        assert.ok(activities?.includes(name), `the history names ${name}`);
      }
      const signals = events?.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
      assert.ok(signals?.includes('humanApprove'));
      // A click may come while the card's post is still being answered.
      const kinds = world.entries.map(({ kind }) => kind).filter((kind) => kind !== 'voted');
      assert.equal(world.entries.filter(({ kind }) => kind === 'voted').length, 1);
      assert.deepEqual(kinds, [
        'started',
        'searched',
        'planned',
        'requested',
        'posted',
        'decided',
        'turned',
        'executed',
        'ended',
      ]);
    });
  });

  it('shows what is hidden in a goal, a wish and a note, and the model reads what people read', async () => {
    const hidden = [...'; rm'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');
    const seen = '⟨U+E003B⟩⟨U+E0020⟩⟨U+E0072⟩⟨U+E006D⟩';
    const followUp = { shortId: 'abcd2222', goal: 'before', title: 'Before', result: `Done${hidden}` };
    await inRun({ goal: `Draft the notes${hidden}`, followUp }, async (run) => {
      const { world, outcome, card, click, written } = run;
      await card();
      assert.equal((await written('started')).data.followUp?.result, `Done${seen}`);
      await click('changes', ana, { note: `shorter${hidden}` });
      await card(2);
      await click('approve', ana, { revision: 2, note: `mind\u202E the dates${hidden}` });
      assert.equal((await outcome()).state, 'completed');
      assert.deepEqual(
        new Set(world.cards().map(({ states }) => states[0]?.goal)),
        new Set([`Draft the notes${seen}`]),
      );
      assert.equal(world.calls.plan[1]?.feedback, `shorter${seen}`);
      assert.equal(world.calls.execute[0]?.note, `mind⟨U+202E⟩ the dates${seen}`);
    });
  });

  it('plans without a search of the web where there is none, and says so on the card and in the record', async () => {
    const world = createWorld();
    world.found.unsearched = 'Web search is not enabled.';
    await inRun(
      {},
      async (run) => {
        await run.card();
        await run.click('approve');
        assert.equal((await run.outcome()).state, 'completed');
        for (const { unsearched } of world.cards()[0]?.states ?? [])
          assert.equal(unsearched, 'Web search is not enabled.');
        assert.equal((await run.written('searched')).data.unsearched, 'Web search is not enabled.');
      },
      { world },
    );
  });

  it('expires after three days, takes the buttons away, and does nothing', async () => {
    await inRun({}, async ({ world, handle }) => {
      const outcome = (await handle.result()) as RunOutcome;
      assert.deepEqual(outcome, { state: 'expired' });
      const { startTime, closeTime } = await handle.describe();
      const days = (Number(closeTime) - Number(startTime)) / 86_400_000;
      assert.ok(days >= 3 && days < 3.01, `${days} days`);
      assert.equal(world.cards()[0]?.states.at(-1)?.state.kind, 'expired');
      assert.equal(world.calls.execute.length, 0);
    });
  });

  it('ends with the reason when it is rejected', async () => {
    await inRun({}, async ({ world, handle, card, click }) => {
      await card();
      await click('reject', ana, { note: 'not now' });
      const outcome = (await handle.result()) as RunOutcome;
      assert.equal(outcome.state === 'rejected' && outcome.decision.note, 'not now');
      assert.equal(world.cards()[0]?.states.at(-1)?.state.kind, 'rejected');
      assert.equal(world.calls.execute.length, 0);
    });
  });

  it('writes a new revision when changes are requested, retires the old card, and refuses a click on it', async () => {
    await inRun({}, async ({ world, handle, card, click }) => {
      const old = await card();
      await click('changes', ana, { note: 'shorter' });
      const fresh = await waitingCard(world, 2);
      assert.equal(fresh.revision, 2);
      assert.deepEqual(world.calls.plan, [{}, { feedback: 'shorter' }]);
      await world.waitFor(
        () => world.cards()[0]?.states.at(-1)?.state.kind === 'changed',
        'the old card retired',
      );
      await handle.signal(humanApprove, decisionOn(old, 'approve', ana));
      await world.waitFor(() => world.privately.length > 0, 'the stale click told');
      const [{ message } = { message: undefined }] = world.privately;
      assert.equal(message?.kind === 'refused' && message.refusal.reason, 'stale-revision');
      assert.equal(world.calls.execute.length, 0, 'an old approval does not count for the new plan');
      await click('approve', ana, { revision: 2 });
      await handle.result();
      assert.equal(world.calls.execute.length, 1);
    });
  });

  it('takes the buttons off every older revision, even when its update is kept back until the next cards are there', async () => {
    const world = createWorld();
    // The first card's update is tried again half a second later, when the second revision has been sent back, too.
    world.failures.updateCard = [transient(500)];
    await inRun(
      {},
      async ({ handle, click }) => {
        await click('changes', ana, { note: 'shorter' });
        await click('changes', ana, { note: 'still shorter', revision: 2 });
        await click('approve', ana, { revision: 3 });
        await handle.result();
        const last = world.cards().map(({ states }) => states.at(-1)?.state.kind);
        assert.deepEqual(last, ['changed', 'changed', 'completed']);
        const revisions = world.cards().map(({ states }) => states.at(-1)?.planned?.revision);
        assert.deepEqual(revisions, [1, 2, 3], 'each shows the plan that it was about');
      },
      { world },
    );
  });

  it('goes on asking people directly when changes are requested on a card that was sent to them', async () => {
    await inRun(
      { policy: policyWith({ approvers: ['UBEN'] }) },
      async ({ world, handle, postedCard, click }) => {
        const { ref } = await postedCard();
        await handle.signal(cardLost, { card: ref, reason: 'is_archived' });
        await world.waitFor(() => world.cards().length === 3, 'the cards for Ana and Ben');
        await click('changes', ben, { note: 'shorter' });
        await world.waitFor(() => world.cards().length === 5, 'the next revision for both');
        await click('approve', ben, { revision: 2 });
        await handle.result();
        const seen = world.cards().map(({ channel, states }) => [channel, states.at(-1)?.state.kind]);
        assert.deepEqual(seen, [
          ['C1', 'changed'],
          ['UANA', 'changed'],
          ['UBEN', 'changed'],
          ['UANA', 'completed'],
          ['UBEN', 'completed'],
        ]);
      },
    );
  });

  it('sends the card to everybody whom the policy names, though one of them votes meanwhile', async () => {
    const world = createWorld();
    const policy = policyWith({ approvers: ['UBEN', 'UCHLOE', 'UDEV'], approvals: 2 });
    await inRun(
      { policy },
      async ({ handle, postedCard, click }) => {
        const { ref } = await postedCard();
        const [direct, copy] = [later(), later()];
        const shownTo = (user: string) =>
          world.waitFor(() => world.cards().find(({ channel }) => channel === user), `the card for ${user}`);
        world.slow.postCard = direct.promise;
        await handle.signal(cardLost, { card: ref, reason: 'is_archived' });
        await shownTo('UANA');
        world.slow.postCard = copy.promise;
        direct.resolve();
        await shownTo('UBEN');
        await click('approve', ben);
        await world.waitFor(() => world.entries.some(({ kind }) => kind === 'voted'), 'the vote');
        copy.resolve();
        const { states } = await shownTo('UDEV');
        const [state] = states.map((shown) => shown.state);
        assert.deepEqual(state?.kind === 'waiting' && state.item.votes.map(({ by }) => by.user), ['UBEN']);
        await click('approve', chloe);
        await handle.result();
        assert.deepEqual(
          world.cards().map(({ channel, states: all }) => [channel, all.at(-1)?.state.kind]),
          ['C1', 'UANA', 'UBEN', 'UCHLOE', 'UDEV'].map((channel) => [channel, 'completed']),
        );
      },
      { world },
    );
  });

  it('asks those whom it was escalated to when it goes on in another execution', async () => {
    const policy = policyWith({ approvers: ['UANA'], escalate: { afterMs: 60_000, to: ['UBEN'] } });
    await inRun({ policy, resume: { wasEscalated: true } }, async ({ handle, click }) => {
      await click('approve', ben);
      assert.equal(((await handle.result()) as RunOutcome).state, 'completed');
    });
  });

  it('keeps waiting after a click from a non-approver, and tells them why', async () => {
    await inRun({}, async ({ world, handle, card, click }) => {
      await card();
      await click('approve', ben);
      const told = await world.waitFor(() => world.privately[0], 'the refusal');
      assert.deepEqual(told.to, ben);
      assert.equal(told.message.kind === 'refused' && told.message.refusal.reason, 'not-an-approver');
      assert.equal((await handle.query(status)).state, 'waiting');
      await click('approve', ana);
      await handle.result();
      assert.ok(
        world.entries.some(({ kind }) => kind === 'refused'),
        'the refusal is on the record',
      );
    });
  });

  it('waits for as many people as the policy asks for, and shows the votes as they come', async () => {
    const policy = policyWith({ approvers: ['anyone'], approvals: 2, requesterMayApprove: false });
    await inRun({ policy }, async ({ world, handle, card, click }) => {
      await card();
      await click('approve', ana);
      await click('approve', ben);
      await world.waitFor(() => {
        const state = world.cards()[0]?.states.at(-1)?.state;
        return state?.kind === 'waiting' && state.item.votes.length === 1;
      }, 'the first vote on the card');
      assert.equal(world.calls.execute.length, 0);
      await click('approve', chloe);
      await handle.result();
      assert.equal(world.calls.execute[0]?.by, 'UBEN, UCHLOE');
      const told = world.privately.map(({ message }) => message.kind === 'refused' && message.refusal.reason);
      assert.deepEqual(told, ['four-eyes']);
    });
  });

  it('shows a vote that comes before Slack has answered that the card is posted', async () => {
    const policy = policyWith({ approvers: ['anyone'], approvals: 2 });
    const world = createWorld();
    const answer = later();
    world.slow.postCard = answer.promise;
    await inRun(
      { policy },
      async ({ handle, card, click }) => {
        await card();
        await click('approve', ben);
        answer.resolve();
        await world.waitFor(() => votesShown(world).includes('UBEN'), 'the early vote on the card');
        assert.equal(world.calls.execute.length, 0, 'one of two is not enough');
        await click('approve', chloe);
        await handle.result();
        assert.equal(world.calls.execute.length, 1);
      },
      { world },
    );
  });

  /** Runs a test while Slack's answer to the card's post is awaited; `answer` lets it come. */
  async function whilePosting(test: (run: TestRun, answer: () => void) => Promise<void>): Promise<void> {
    const world = createWorld();
    const answer = later();
    world.slow.postCard = answer.promise;
    await inRun({}, (run) => test(run, answer.resolve), { world });
  }

  it('puts an edit that came too late on record, though Slack had brought every click before it twice', () =>
    whilePosting(async ({ world, handle, card, click }, answer) => {
      await card();
      const times = ['2026-01-01T09:00:00Z', '2026-01-01T09:00:06Z', '2026-01-01T09:00:12Z'];
      for (const slackAt of [...times, ...times].sort()) await click('approve', ana, { slackAt });
      await click('edit', ana, { steps: [{ title: 'Another', detail: 'Step' }] });
      await handle.query(status);
      answer();
      assert.equal((await handle.result()).state, 'completed');
      const refused = world.entries.flatMap(({ kind, data }) =>
        kind === 'refused' && 'decision' in data ? [data.decision.kind] : [],
      );
      assert.deepEqual(refused, ['approve', 'edit']);
    }));

  it('takes the buttons off a card that was being posted when the run was cancelled', () =>
    whilePosting(async ({ world, cancel, handle, card }, answer) => {
      await card();
      await cancel(ana);
      await handle.query(status);
      answer();
      assert.deepEqual(await handle.result(), { state: 'cancelled', by: ana });
      assert.equal(world.cards()[0]?.states.at(-1)?.state.kind, 'cancelled');
    }));

  it('decides once when a button is clicked twice, and tells nobody off', async () => {
    await inRun({}, async ({ world, handle, card }) => {
      const click = decisionOn(await card(), 'approve', ana);
      await Promise.all([handle.signal(humanApprove, click), handle.signal(humanApprove, click)]);
      await handle.result();
      assert.equal(world.calls.execute.length, 1);
      assert.equal(world.results.length, 1);
      assert.deepEqual(world.privately, []);
    });
  });

  it('tells the second clicker who was first', async () => {
    const policy = policyWith({ approvers: ['anyone'] });
    const world = createWorld();
    await inRun(
      { policy },
      async ({ handle, card }) => {
        const seen = await card();
        await handle.signal(humanApprove, decisionOn(seen, 'reject', ben));
        await handle.signal(humanApprove, decisionOn(seen, 'approve', chloe));
        const outcome = (await handle.result()) as RunOutcome;
        assert.equal(outcome.state, 'rejected');
        const [told] = world.privately;
        assert.deepEqual(told?.to, chloe);
        const refusal = told?.message.kind === 'refused' ? told.message.refusal : undefined;
        assert.equal(refusal?.reason === 'already-decided' && refusal.decision.by.user, 'UBEN');
      },
      { world },
    );
  });

  it('is not wedged by signals that are no decisions', async () => {
    await inRun({}, async ({ world, handle, card, click }) => {
      await card();
      for (const payload of [null, 'approve', {}, { kind: 'approve' }, 42])
        await handle.signal('humanApprove', payload);
      await handle.signal('humanApprove');
      await click('approve', ana);
      const outcome = (await handle.result()) as RunOutcome;
      assert.equal(outcome.state, 'completed');
      assert.equal(world.calls.execute.length, 1);
    });
  });

  it('refuses an approval for another plan than the one that waits', async () => {
    await inRun({}, async ({ world, handle, card, click }) => {
      const seen = await card();
      await handle.signal(humanApprove, {
        ...decisionOn(seen, 'approve', ana),
        items: [{ id: 'plan', digest: 'e'.repeat(64) }],
      });
      await world.waitFor(() => world.privately.length === 1, 'the refusal');
      assert.equal(world.calls.execute.length, 0);
      await click('approve', ana);
      await handle.result();
    });
  });

  it('stops when the requester cancels it, and not when somebody else does', async () => {
    await inRun({}, async ({ world, cancel, handle, card }) => {
      await card();
      await cancel(ben);
      await world.waitFor(() => world.privately[0]?.message.kind === 'cannot-cancel', 'the refusal');
      assert.equal((await handle.query(status)).state, 'waiting');
      await cancel(ana);
      const outcome = (await handle.result()) as RunOutcome;
      assert.deepEqual(outcome, { state: 'cancelled', by: ana });
      assert.equal(world.cards()[0]?.states.at(-1)?.state.kind, 'cancelled');
      assert.equal(world.calls.execute.length, 0);
    });
  });

  it('tries what is transient again, five times at most', async () => {
    const world = createWorld();
    world.failures.search = [transient(), transient()];
    await inRun(
      {},
      async ({ handle, card, click }) => {
        await card();
        assert.equal(world.calls.search, 3);
        await click('approve', ana);
        await handle.result();
      },
      { world },
    );
    const hopeless = createWorld();
    hopeless.failures.plan = Array.from({ length: 9 }, transient);
    await inRun(
      {},
      async ({ handle }) => {
        const { failure } = await failureOf(handle);
        assert.equal(failure.step, 'plan');
        assert.equal(hopeless.calls.plan.length, 5);
      },
      { world: hopeless },
    );
  });

  it('never asks again after an invalid request, plans nothing on top of it, and offers Retry', async () => {
    const world = createWorld();
    world.failures.search = [permanent()];
    await inRun(
      {},
      async ({ handle }) => {
        const { failure } = await failureOf(handle);
        assert.deepEqual(failure, {
          step: 'search',
          code: 'InvalidRequestError',
          message: 'Refused for good',
        });
        assert.equal(world.calls.search, 1);
        assert.equal(world.calls.plan.length, 0);
        assert.equal(world.cards()[0]?.states.at(-1)?.state.kind, 'failed');
      },
      { world },
    );
  });

  it('searches again, and does nothing before, when a failed search is retried', async () => {
    const world = createWorld();
    world.failures.search = [permanent()];
    await retryAfter(
      world,
      async ({ outcome }) => {
        await assert.rejects(outcome());
        assert.equal(world.calls.search, 1);
      },
      async ({ handle, click }) => {
        await click('approve', ana);
        await handle.result();
        assert.equal(world.calls.search, 2);
        assert.equal(world.calls.plan.length, 1);
        assert.equal(world.cards()[0]?.states.at(-1)?.state.kind, 'retried', 'the failed card says so');
        assert.equal(world.cards().length, 2, 'and the plan comes on a card of its own');
      },
    );
  });

  it('works the asked-for changes in when their planning failed and is retried', async () => {
    const world = createWorld();
    await retryAfter(
      world,
      async ({ card, click }) => {
        await card();
        world.failures.plan = [permanent()];
        await click('changes', ana, { note: 'shorter' });
      },
      async ({ handle, click }) => {
        await click('approve', ana, { revision: 2 });
        await handle.result();
        assert.deepEqual(world.calls.plan, [{}, { feedback: 'shorter' }, { feedback: 'shorter' }]);
        assert.deepEqual(world.changes, [{ from: 1, to: 2 }], 'compared with the plan before');
        assert.deepEqual(world.news, [{ revision: 2, kind: 'changes', by: ana.user }]);
        assert.equal(world.calls.search, 1);
        assert.equal(world.calls.execute.length, 1);
      },
    );
  });

  it('goes on from the step that failed when it is retried', async () => {
    const world = createWorld();
    world.failures.plan = [permanent()];
    const resume = await retryAfter(
      world,
      async () => {},
      async ({ handle, card, click }) => {
        await card();
        await click('approve', ana);
        await handle.result();
        assert.equal(world.calls.search, 1, 'the search is not done again');
        assert.equal(world.calls.plan.length, 2);
      },
    );
    assert.ok(resume.research);
  });

  it('retries a failed execution without asking for approval again', async () => {
    const world = createWorld();
    world.failures.turn = [permanent()];
    await retryAfter(
      world,
      async ({ outcome, card, click }) => {
        await card();
        await click('approve', ana, { note: 'as it is' });
        await assert.rejects(outcome());
        assert.equal(world.cards()[0]?.states.at(-1)?.state.kind, 'failed');
      },
      async ({ handle }) => {
        const outcome = (await handle.result()) as RunOutcome;
        assert.equal(outcome.state, 'completed');
        assert.deepEqual(
          world.calls.execute.map(({ note }) => note),
          ['as it is', 'as it is'],
        );
        assert.equal(world.calls.plan.length, 1);
        assert.equal(world.cards().length, 1, 'on the same card');
        assert.equal(world.cards()[0]?.states.at(-1)?.state.kind, 'completed');
      },
    );
  });

  it('posts the result without carrying the plan out again when only the post had failed', async () => {
    const world = createWorld();
    world.failures.postResult = [permanent('is_archived'), permanent('user_disabled')];
    await retryAfter(
      world,
      async ({ outcome, card, click }) => {
        await card();
        await click('approve', ana);
        await assert.rejects(outcome());
        assert.deepEqual(world.results, []);
      },
      async ({ handle }) => {
        await handle.result();
        assert.equal(world.calls.execute.length, 1);
        assert.equal(world.results.length, 1);
      },
    );
  });

  it('tells the requester how to fix it when the card cannot be posted', async () => {
    const world = createWorld();
    world.failures.postCard = [permanent('not_in_channel')];
    await inRun(
      {},
      async ({ handle }) => {
        const { failure } = await failureOf(handle);
        assert.equal(failure.code, 'not_in_channel');
        const [told] = world.privately;
        assert.deepEqual(told?.to, ana);
        assert.equal(told?.message.kind, 'cannot-post');
      },
      { world },
    );
  });

  /** Length of the run's chain by the last change of its memo, in Temporal's history. */
  async function headInMemo({ handle }: TestRun): Promise<number | undefined> {
    const { events = [] } = await handle.fetchHistory();
    const memos = (events ?? []).flatMap(
      (event) => event.workflowPropertiesModifiedEventAttributes?.upsertedMemo?.fields?.ledgerHead ?? [],
    );
    const data = memos.at(-1)?.data;
    return data ? JSON.parse(Buffer.from(data).toString()).sequence : undefined;
  }

  it('keeps the head of its chain in Temporal while people wait, and at the end', async () => {
    await inRun({}, async (run) => {
      const { world, postedCard, click, handle } = run;
      await postedCard();
      assert.deepEqual(world.entries.at(-1)?.kind, 'posted');
      assert.equal(await headInMemo(run), world.entries.length);
      await click('approve', ana);
      await handle.result();
      assert.equal(world.entries.at(-1)?.kind, 'ended');
      assert.equal(await headInMemo(run), world.entries.length);
    });
  });

  it('keeps it for entries after the end, too', async () => {
    const world = createWorld();
    world.failures.updateCard = [permanent('is_archived'), permanent('is_archived')];
    const test = async (run: TestRun) => {
      await run.postedCard();
      await run.click('reject', ana);
      await run.handle.result();
      assert.deepEqual(
        world.entries.slice(-2).map(({ kind }) => kind),
        ['ended', 'unshown'],
      );
      assert.equal(await headInMemo(run), world.entries.length);
    };
    await inRun({}, test, { world });
  });

  it('writes one entry of a card, whatever becomes of the activity after it', async () => {
    const world = createWorld();
    const { append } = world.ledger;
    const written: unknown[] = [];
    let isFirst = true;
    world.ledger.append = async (entries) => {
      written.push(...entries.filter(({ kind }) => kind === 'posted'));
      const heads = await append(entries);
      if (!isFirst) return heads;
      isFirst = false;
      throw new Error('The ledger’s answer was lost');
    };
    const test = async ({ postedCard, click, handle }: TestRun) => {
      await postedCard();
      await click('approve', ana);
      await handle.result();
    };
    await inRun({}, test, { world });
    assert.ok(written.length >= 2, 'it was written again');
    for (const entry of written) assert.deepEqual(entry, written[0]);
  });

  it('answers where it stands', async () => {
    await inRun({}, async ({ handle, postedCard, click }) => {
      await postedCard();
      const snapshot = await handle.query(status);
      assert.equal(snapshot.shortId, 'abcd2345');
      assert.equal(snapshot.planTitle, 'Release notes for 2.4');
      assert.equal(snapshot.revision, 1);
      assert.ok(snapshot.expiresAt);
      await click('approve', ana);
      await handle.result();
      assert.equal((await handle.query(status)).state, 'completed');
    });
  });
});

/** Approvers that the first card names. */
function votesShown(world: World): string[] {
  const state = world.cards()[0]?.states.at(-1)?.state;
  return state?.kind === 'waiting' ? state.item.votes.map(({ by }) => by.user) : [];
}
