import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Decision } from '../../src/approval/decision.js';
import type { Person } from '../../src/approval/person.js';
import { RemoteError } from '../../src/platform/errors.js';
import { NotConfirmed } from '../../src/temporal/deadline.js';
import { cancelRun } from '../../src/workflows/runtime/signals.js';
import { later } from '../support/later.js';
import { answerInTurn } from '../support/run/answers.js';
import type { TestRun } from '../support/run/test-run.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { decisionOn, waitingCard } from '../support/run/votes.js';
import { createWorld, type World } from '../support/run/world.js';
import { ana, ben, chloe, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { type DevServerForTests, devServerForTests } from '../support/temporal/suites.js';

quietRuntime();

const outsider: Person = { team: 'T1', user: 'UOUT' };

/** Sends signals at full speed, so many at a time. */
async function flood(count: number, send: (index: number) => Promise<unknown>, atOnce = 10): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      await send(next);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** Clicks of a person on the card that waits, at full speed. Temporal refuses a signal while an execution closes, which clients try again. */
async function clickOften(run: TestRun, count: number, by = outsider, kind: Decision['kind'] = 'approve') {
  const card = await waitingCard(run.world);
  const clickedAt = Date.now();
  await flood(count, (index) =>
    run.runs.decide(run.shortId, {
      ...decisionOn(card, kind, by),
      slackAt: new Date(clickedAt + index).toISOString(),
    }),
  );
}

const kindsIn = (world: World) => world.entries.map(({ kind }) => kind);
const countOf = (world: World, kind: string) => kindsIn(world).filter((other) => other === kind).length;

/** Decisions whose refusals are on record. */
const refusedIn = (world: World) =>
  world.entries.flatMap(({ kind, data }) =>
    kind === 'refused' && 'decision' in data ? [data.decision] : [],
  );

/** Id of the run's newest execution. Temporal's lists would show it a moment later. */
async function newestExecution({ client }: DevServerForTests, { handle }: TestRun): Promise<string> {
  return (await client.workflow.getHandle(handle.workflowId).describe()).runId;
}

const newId = () => randomUUID().slice(0, 8);

/** As many as Temporal's server takes in a few seconds. */
const CLICKS = 800;

describe('after hundreds of signals of somebody whom the policy doesn’t let in', () => {
  const server = devServerForTests({ withLedger: true });
  const inRun = testRunsAt(server);
  const policy = policyWith({ approvers: ['SREVIEW'] });

  it('an approver’s click releases the plan within 10 s, and the outsider fills neither ledger nor Slack', async () => {
    await inRun({ policy, shortId: newId() }, async (run) => {
      const { world } = run;
      await clickOften(run, CLICKS);
      const clickedAt = Date.now();
      await run.runs.decide(run.shortId, decisionOn(await waitingCard(world), 'approve', ben));
      await world.waitFor(() => world.asked.length > 0, 'the execution');
      const tookMs = Date.now() - clickedAt;
      assert.ok(tookMs < 10_000, `it took ${tookMs} ms`);
      assert.equal((await run.outcome()).state, 'completed');
      const refused = world.entries.filter(({ kind }) => kind === 'refused');
      assert.ok(refused.length >= 1 && refused.length <= 7, `${refused.length} refusals on record`);
      assert.ok(world.privately.length <= 7, `${world.privately.length} answers`);
      assert.equal(world.cards().length, 1, 'no second card');
      assert.equal(countOf(world, 'requested'), 1);
    });
  });

  it('the requester can cancel', async () => {
    await inRun({ policy, shortId: newId() }, async (run) => {
      await clickOften(run, CLICKS);
      const at = new Date().toISOString();
      // Temporal takes no signal for a moment while the run continues as new.
      await flood(100, () => run.handle.signal(cancelRun, { by: outsider, at }).catch(() => {}));
      const cancelledAt = Date.now();
      const cancel = (): Promise<void> => run.cancel(ana).catch(cancel);
      await cancel();
      assert.deepEqual(await run.outcome(), { state: 'cancelled', by: ana });
      assert.ok(Date.now() - cancelledAt < 10_000);
    });
  });

  it('a question in the thread takes its answer within 10 s', async () => {
    const world = createWorld();
    world.turns.push({ calls: [{ id: 'a', name: 'ask_person', input: { question: 'Which?' } }] });
    await inRun(
      { policy, shortId: newId() },
      async (run) => {
        await run.click('approve', ben);
        const question = await run.question('question');
        const { request, revision, item } = question;
        const items = [{ id: item.id, digest: '' }];
        const asked = world.thread().find(({ states }) => states[0]?.kind === 'request');
        const answer = {
          ...{ kind: 'answer' as const, request, revision, items },
          clickedOn: asked?.ref.ts ?? '',
        };
        const at = new Date().toISOString();
        await flood(CLICKS, (index) =>
          run.runs.decide(run.shortId, { ...answer, by: outsider, note: `No ${index % 50}`, at }),
        );
        const answeredAt = Date.now();
        await run.runs.decide(run.shortId, { ...answer, by: ana, note: 'This one', at });
        assert.equal((await run.outcome()).state, 'completed');
        assert.ok(Date.now() - answeredAt < 10_000, `it took ${Date.now() - answeredAt} ms`);
        assert.match(JSON.stringify(world.asked.at(-1)?.exchanges), /This one/);
        assert.equal(world.thread().filter(({ states }) => states[0]?.kind === 'request').length, 1);
      },
      { world },
    );
  });
});

describe('a run that continues as new while it waits for people', () => {
  const server = devServerForTests({
    dynamicConfig: ['limit.historyCount.suggestContinueAsNew=100'],
    withLedger: true,
  });
  const inRun = testRunsAt(server);

  /** A click of a flood. Temporal may be too busy with the others to confirm it. */
  async function clickUnlessBusy(run: TestRun, click: Decision): Promise<void> {
    await run.runs.decide(run.shortId, click).catch((error: unknown) => {
      if (!(error instanceof NotConfirmed)) throw error;
    });
  }

  /** Clicks of somebody else, until the run has continued as new. */
  async function untilContinued(run: TestRun): Promise<void> {
    const before = await newestExecution(server, run);
    const card = await waitingCard(run.world);
    while ((await newestExecution(server, run)) === before) {
      await clickUnlessBusy(run, decisionOn(card, 'approve', outsider));
    }
  }

  /** The ledger is away, and clicks of somebody else, until the run holds decisions for its next execution. */
  async function untilHolding(run: TestRun): Promise<void> {
    const { world } = run;
    const away = new RemoteError('LedgerAway', 'The database does not answer', { retryable: true });
    world.failures.append.push(...Array.from({ length: 500 }, () => away));
    await untilEvents(run, 110);
    await delay(300);
  }

  async function untilEvents(run: TestRun, count: number): Promise<void> {
    const card = await waitingCard(run.world);
    while ((await run.handle.describe()).historyLength < count) {
      await clickUnlessBusy(run, decisionOn(card, 'approve', outsider));
    }
  }

  it('keeps votes, deadline, reminders and direct messages, and posts nothing again', async () => {
    const policy = policyWith({
      approvers: ['UBEN', 'UCHLOE'],
      approvals: 2,
      remindAfterMs: [6_000],
      expiresAfterMs: 600_000,
    });
    await inRun({ policy, shortId: newId() }, async (run) => {
      const { world } = run;
      await run.postedCard();
      const before = await run.runs.snapshot(run.shortId);
      await run.click('approve', ben);
      await run.written('voted');
      await untilContinued(run);
      await untilContinued(run);
      const after = await run.runs.snapshot(run.shortId);
      assert.equal(after?.expiresAt, before?.expiresAt);
      assert.deepEqual(
        after?.votes.map(({ by }) => by.user),
        ['UBEN'],
      );
      assert.deepEqual(after?.card, before?.card);
      assert.equal(after?.startedAt, before?.startedAt);
      await world.waitFor(() => world.reminders.length > 0, 'the reminder');
      await run.click('approve', ben);
      assert.equal(await run.refusal(world.privately.length + 1), 'already-voted');
      await run.click('approve', chloe);
      assert.equal((await run.outcome()).state, 'completed');
      assert.equal(world.cards().length, 1);
      const states = world.cards()[0]?.states.map(({ state }) => state.kind) ?? [];
      assert.ok(states.includes('executing') && states.at(-1) === 'completed', states.join());
      assert.equal(world.reminders.length, 1);
      assert.deepEqual(
        world.notices.map(({ ref }) => ref.channel),
        ['DUBEN', 'DUCHLOE'],
      );
      assert.ok(
        world.notices.every((notice) => notice.states.at(-1) !== 'waiting'),
        'they show the outcome',
      );
      assert.equal(countOf(world, 'requested'), 1);
      assert.equal(countOf(world, 'started'), 1);
      const { executing, note } = { executing: world.calls.execute, note: world.calls.execute[0]?.by };
      assert.equal(executing.length, 1);
      assert.match(note ?? '', /UBEN.*UCHLOE/);
    });
  });

  it('takes changes, and posts the next revision', async () => {
    await inRun({ shortId: newId() }, async (run) => {
      const { world } = run;
      await run.postedCard();
      await untilContinued(run);
      await run.click('changes', ana, { note: 'shorter' });
      await run.card(2);
      assert.equal(world.cards().length, 2);
      assert.deepEqual(world.changes, [{ from: 1, to: 2 }]);
      await run.cancel();
      assert.equal((await run.outcome()).state, 'cancelled');
    });
  });

  it('goes on with a revision before which people are asked, and leads to it from the card before', async () => {
    await inRun({ policy: policyWith({ budget: { tokens: 60 } }), shortId: newId() }, async (run) => {
      const { world } = run;
      await run.postedCard();
      await run.click('changes', ana, { note: 'shorter' });
      const question = await run.question('budget');
      await untilContinued(run);
      await run.answer(question, { choice: 'grant' });
      const { ref } = await run.card(2);
      assert.deepEqual(world.changes, [{ from: 1, to: 2 }]);
      assert.deepEqual(world.news, [{ revision: 2, kind: 'changes', by: ana.user }]);
      const before = () => world.cards()[0]?.states.at(-1);
      await world.waitFor(() => before()?.next?.ts === ref.ts, 'the link');
      assert.equal(before()?.state.kind, 'changed');
      assert.equal(before()?.activity?.asks, undefined, 'no question any more');
      await run.cancel();
      assert.equal((await run.outcome()).state, 'cancelled');
    });
  });

  it('expires when it would have', async () => {
    const expiresAfterMs = 15_000;
    await inRun({ policy: policyWith({ expiresAfterMs }), shortId: newId() }, async (run) => {
      await run.postedCard();
      const postedAt = Date.now();
      await untilContinued(run);
      await delay(postedAt + 5_000 - Date.now());
      await untilContinued(run);
      assert.equal((await run.outcome()).state, 'expired');
      const tookMs = Date.now() - postedAt;
      assert.ok(tookMs > 13_000 && tookMs < 19_000, `after ${tookMs} ms`);
    });
  });

  it('puts a decision of just then on record, though it is cancelled before it continues', async () => {
    await inRun({ shortId: newId() }, async (run) => {
      const { world } = run;
      await run.postedCard();
      await untilHolding(run);
      await run.click('reject');
      await run.cancel();
      world.failures.append.length = 0;
      assert.equal((await run.outcome()).state, 'cancelled');
      const refused = refusedIn(world).map(({ kind }) => kind);
      assert.ok(refused.includes('reject'), `refused: ${refused}`);
    });
  });

  it('takes two different clicks on each of three calls that came just then', async () => {
    const world = createWorld();
    const names = ['first', 'second', 'third'];
    for (const name of names) {
      world.tools.push({ name, description: name, inputSchema: { type: 'object' }, readOnly: false });
    }
    world.turns.push({ calls: names.map((name) => ({ id: name, name, input: {} })) });
    await inRun(
      { shortId: newId() },
      async (run) => {
        await run.click('approve');
        const asked = [];
        for (const name of names) asked.push(await run.toolCall(name));
        await untilHolding(run);
        for (const message of asked) await run.decide(message, 'approve');
        for (const message of asked) await run.decide(message, 'reject');
        world.failures.append.length = 0;
        assert.equal((await run.outcome()).state, 'completed');
        assert.deepEqual(world.toolCalls.map(({ name }) => name).toSorted(), names);
        assert.equal(refusedIn(world).filter(({ kind }) => kind === 'reject').length, 3);
      },
      { world },
    );
  });

  it('puts a click of just then on record, though another one was being judged and the run goes on', async () => {
    const world = createWorld();
    let answer: (members: string[]) => void = () => {};
    const members = new Promise<string[]>((resolve) => {
      answer = resolve;
    });
    world.tools.push({ name: 'write', description: '', inputSchema: { type: 'object' }, readOnly: false });
    world.turns.push({ calls: [{ id: 'a', name: 'write', input: {} }] });
    const policy = policyWith({ approvers: ['UANA', 'SREVIEW'] });
    world.policyFile.now = policy;
    await inRun(
      { policy, shortId: newId() },
      async (run) => {
        await run.click('approve');
        const asked = await run.toolCall('write');
        await untilEvents(run, 85);
        Object.assign(world.groups, { SREVIEW: members });
        await run.decide(asked, 'reject', ben);
        await untilHolding(run);
        await run.decide(asked, 'approve');
        await delay(300);
        world.failures.append.length = 0;
        answer(['UBEN']);
        assert.equal((await run.outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 0);
        assert.ok(refusedIn(world).some(({ kind, by }) => kind === 'approve' && by.user === 'UANA'));
      },
      { world },
    );
  });

  it('takes a click soon, while Slack has no room for its progress', async (test) => {
    const world = createWorld();
    for (const name of ['read', 'write'])
      world.tools.push({
        name,
        description: name,
        inputSchema: { type: 'object' },
        readOnly: name === 'read',
      });
    world.turns.push({ calls: [{ id: 'a', name: 'read', input: {} }] });
    world.turns.push({ calls: [{ id: 'b', name: 'write', input: {} }] });
    const room = later();
    test.after(() => room.resolve());
    world.slow.room = room.promise;
    // Progress is shown every three seconds.
    world.answers.set('read', async () => {
      await delay(4_000);
      return { content: [], isError: false };
    });
    await inRun(
      { shortId: newId() },
      async (run) => {
        await run.click('approve');
        const asked = await run.toolCall('write');
        await untilEvents(run, 110);
        await delay(300);
        await run.decide(asked, 'approve');
        await world.waitFor(() => world.toolCalls.some(({ name }) => name === 'write'), 'the call');
        room.resolve();
        assert.equal((await run.outcome()).state, 'completed');
        assert.deepEqual(
          world.toolCalls.map(({ name }) => name),
          ['read', 'write'],
        );
      },
      { world },
    );
  });

  it('in the middle of a turn makes no call again, and asks about none again', async () => {
    const world = createWorld();
    for (const [name, readOnly] of [
      ['read', true],
      ['write', false],
      ['send', false],
    ] as const) {
      world.tools.push({ name, description: name, inputSchema: { type: 'object' }, readOnly });
    }
    answerInTurn(world, 'send', new RemoteError('AnswerLost', 'It died', { retryable: false }), 'sent');
    const call = (id: string, name: string, input = {}) => ({ id, name, input });
    world.turns.push({
      calls: [
        call('a', 'read'),
        call('b', 'write'),
        call('c', 'send'),
        call('d', 'ask_person', { question: 'Which?', options: ['x', 'y'] }),
        call('e', 'write', { title: 'second' }),
      ],
    });
    await inRun(
      { shortId: newId() },
      async (run) => {
        await run.click('approve');
        await run.decide(await run.toolCall('send'), 'approve');
        const lost = await run.question('lost-call');
        await run.decide(await run.toolCall('write', 'second'), 'reject', ana, { note: 'not now' });
        await untilContinued(run);
        const asked = world.thread().filter(({ states }) => states[0]?.kind === 'request').length;
        const names = () => world.toolCalls.map(({ name }) => name);
        assert.deepEqual(names(), ['read', 'send']);
        await run.answer(lost, { choice: 'again' });
        await run.answer(await run.question('question'), { choice: '2' });
        await untilContinued(run);
        await run.decide(await run.toolCall('write'), 'approve');
        assert.equal((await run.outcome()).state, 'completed');
        assert.deepEqual(names(), ['read', 'send', 'send', 'write']);
        assert.equal(world.thread().filter(({ states }) => states[0]?.kind === 'request').length, asked);
        assert.equal(world.asked.length, 2, 'the model was asked once more');
        const [answers] = world.asked[1]?.exchanges.slice(-1) ?? [];
        assert.deepEqual(
          answers?.content.map((block) => block.tool_use_id),
          ['a', 'b', 'c', 'd', 'e'],
        );
        assert.match(JSON.stringify(answers), /read did it.*write did it.*sent.*y.*not now/s);
        assert.equal(run.progress()?.otherCalls.length, 5, 'each call is shown once');
        assert.equal(world.thread().filter(({ states }) => states[0]?.kind === 'progress').length, 1);
      },
      { world },
    );
  });

  it('keeps the message of a turn’s calls as it was: those that were decided before, and an edit that waits', async () => {
    const world = createWorld();
    world.tools.push({ name: 'add', description: 'add', inputSchema: { type: 'object' }, readOnly: false });
    const titles = ['one', 'two', 'three'];
    world.turns.push({ calls: titles.map((title) => ({ id: title, name: 'add', input: { title } })) });
    const shown = () =>
      world.thread().flatMap(({ states }) => {
        const last = states.at(-1);
        return last?.kind === 'request'
          ? [(last.items ?? [last.item]).map(({ outcome }) => outcome?.kind)]
          : [];
      });
    await inRun(
      { shortId: newId() },
      async (run) => {
        await run.click('approve');
        await run.decide(await run.toolCall('add', 'one'), 'reject');
        await run.decide(await run.toolCall('add', 'two'), 'edit', ana, { input: { title: 'due' } });
        const edited = await run.toolCall('add', 'due');
        await untilContinued(run);
        await run.decide(await run.toolCall('add', 'three'), 'approve');
        await world.waitFor(() => world.toolCalls.length === 1, 'the third call');
        const all = JSON.stringify([['reject', 'edit', 'approve'], [null]]);
        await world.waitFor(() => JSON.stringify(shown()) === all, 'each call’s end in its message');
        await untilContinued(run);
        await run.decide(edited, 'approve');
        assert.equal((await run.outcome()).state, 'completed');
        assert.deepEqual(
          world.toolCalls.map(({ input }) => input.title),
          ['three', 'due'],
        );
        assert.match(JSON.stringify(world.asked[1]?.exchanges.at(-1)), /A person edited this call/);
      },
      { world },
    );
  });

  it('keeps to the policy file that it read before: its budget still waits for a grant', async () => {
    const world = createWorld();
    world.tools.push({ name: 'read', description: 'read', inputSchema: { type: 'object' }, readOnly: true });
    world.turns.push({ calls: [{ id: 'a', name: 'read', input: {} }] });
    await inRun(
      { shortId: newId() },
      async (run) => {
        await run.postedCard();
        world.policyFile.now = policyWith({ approvers: ['UBEN'], budget: { turns: 1 } });
        await run.click('approve');
        const question = await run.question('budget');
        await untilContinued(run);
        await run.click('reject', outsider);
        assert.deepEqual((await run.runs.snapshot(run.shortId))?.asking, [{ kind: 'budget' }]);
        assert.equal(world.asked.length, 1, 'nothing goes on before');
        assert.equal(world.toolCalls.length, 0);
        await run.answer(question, { choice: 'grant' }, ben);
        assert.equal((await run.outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 1);
      },
      { world },
    );
  });
});
