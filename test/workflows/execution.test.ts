import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { RemoteError } from '../../src/platform/errors.js';
import type { ModelCall } from '../../src/run/execution/conversation.js';
import type { ToolSpec } from '../../src/run/execution/tools.js';
import type { RunFailure } from '../../src/run/state.js';
import { humanApprove, status } from '../../src/workflows/runtime/signals.js';
import { later } from '../support/later.js';
import { answerInTurn } from '../support/run/answers.js';
import { failureOf } from '../support/run/test-run.js';
import { afterApproval, approvedRuns, testRunsAt } from '../support/run/test-runs.js';
import { decisionOn, waitingCard } from '../support/run/votes.js';
import { createWorld, permanent, type World } from '../support/run/world.js';
import { ana, ben, chloe } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests, timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

const spec = (name: string, readOnly: boolean): ToolSpec => ({
  name,
  description: name,
  inputSchema: { type: 'object', properties: { title: { type: 'string' } } },
  readOnly,
});

const READ = spec('todo__list', true);
const ADD = spec('todo__add', false);
const REMOVE = spec('todo__remove', false);

let ids = 0;
const call = (name: string, input: Record<string, unknown> = {}): ModelCall => {
  ids += 1;
  return { id: `toolu_${ids}`, name, input };
};
const add = (title: string, step = 1): ModelCall =>
  call('todo__add', { title, plan_step: step, reason: 'It is on the list' });

function worldWith(...turns: World['turns']): World {
  const world = createWorld();
  world.tools.push(READ, ADD, REMOVE);
  world.turns.push(...turns);
  return world;
}

/** The tool results that the model got last. */
function resultsOf(world: World): { text: string; isError: boolean }[] {
  const last = world.asked.at(-1)?.exchanges.at(-1)?.content ?? [];
  return last
    .filter((block) => block.type === 'tool_result')
    .map((block) => ({
      text: (block.content as { text: string }[]).map(({ text }) => text).join('\n'),
      isError: block.is_error === true,
    }));
}

describe('carrying out an approved plan', () => {
  const inRun = testRunsAt(timeSkippingForTests());
  const executing = approvedRuns(inRun);

  it('lets reading run, asks before a change, makes it, and goes on with what came of both', async () => {
    const world = worldWith(
      { text: 'I look first.', calls: [call('todo__list', { plan_step: 1, reason: 'To know' })] },
      { calls: [add('Buy milk', 2)] },
      { text: 'Added *milk*.' },
    );
    await executing(world, async ({ toolCall, decide, outcome, progress }) => {
      const card = await toolCall('todo__add');
      assert.deepEqual(
        world.toolCalls.map(({ name }) => name),
        ['todo__list'],
        'the change waits',
      );
      const { subject } = card.item;
      assert.ok(subject.kind === 'tool-call');
      assert.deepEqual(subject.call.input, { title: 'Buy milk' }, 'the call’s metadata is no argument');
      assert.equal(subject.stepTitle, 'Write the notes');
      assert.equal(subject.call.reason, 'It is on the list');
      await decide(card, 'approve');
      const end = await outcome();
      assert.equal(end.state, 'completed');
      assert.equal(end.state === 'completed' && end.result, 'Added *milk*.');
      assert.deepEqual(world.toolCalls.at(-1), { name: 'todo__add', input: { title: 'Buy milk' } });
      assert.deepEqual(resultsOf(world), [{ text: 'todo__add did it', isError: false }]);
      const { turns, toolCalls, tokens } = world.reports[0]?.usage ?? {};
      assert.deepEqual([turns, toolCalls, tokens], [3, 2, 150], 'the search and the plan count, too');
      const shown = progress();
      assert.equal(shown?.state, 'done');
      assert.deepEqual(
        shown?.steps.map(({ status, calls }) => [status, calls.map((made) => made.status)]),
        [
          ['done', ['done']],
          ['done', ['done']],
        ],
      );
      const ofPlan = world.entries.findIndex(({ kind }) => kind === 'turned');
      const kinds = world.entries.slice(ofPlan).map(({ kind }) => kind);
      for (const kind of ['turned', 'requested', 'voted', 'decided', 'tool-called']) {
        assert.ok(kinds.includes(kind as never), `the ledger has ${kind}`);
      }
    });
  });

  it('shows its progress every three seconds at most', async () => {
    const looks = Array.from({ length: 5 }, () => ({ calls: [call('todo__list')] }));
    const world = worldWith(...looks, { text: 'Looked.' });
    world.answers.set('todo__list', async () => {
      await delay(900);
      return { content: [{ type: 'text', text: 'nothing' }], isError: false };
    });
    await executing(world, async ({ outcome }) => {
      const began = Date.now();
      assert.equal((await outcome()).state, 'completed');
      const most = 3 + Math.floor((Date.now() - began) / 3_000);
      const shown = world.thread().flatMap(({ states }) => states.filter(({ kind }) => kind === 'progress'));
      assert.ok(
        shown.length <= most,
        `${shown.length} times, not ${most}: the first, the last, and in between`,
      );
    });
  });

  it('ends when it is cancelled while Slack has no room for progress', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    const away = new RemoteError('overloaded', 'Overloaded', { retryable: true });
    const room = later();
    await executing(world, async ({ toolCall, decide, cancel, outcome }) => {
      const card = await toolCall('todo__add');
      world.slow.room = room.promise;
      await delay(4_000);
      world.failures.turn.push(...Array.from({ length: 100 }, () => away));
      await decide(card, 'approve');
      await world.waitFor(() => world.asked.length > 1, 'the next turn');
      await cancel();
      assert.deepEqual(await outcome(), { state: 'cancelled', by: ana });
    });
    room.resolve();
  });

  it('shows its end once, and is over, while Slack has no room for earlier progress', async () => {
    const world = worldWith({ calls: [add('Buy milk')] }, { text: 'Added.' });
    const room = later();
    await executing(world, async ({ toolCall, decide, outcome, handle }) => {
      const card = await toolCall('todo__add');
      world.slow.room = room.promise;
      // The next progress is due at once.
      await delay(4_000);
      await decide(card, 'approve');
      assert.equal((await outcome()).state, 'completed');
      const shown = world.thread().flatMap(({ states }) => states.filter(({ kind }) => kind === 'progress'));
      const states = shown.map((message) => message.kind === 'progress' && message.state);
      assert.deepEqual(states, ['waiting', 'done']);
      const { events } = await handle.fetchHistory();
      assert.ok(
        events?.some(({ activityTaskCanceledEventAttributes: cancelled }) => cancelled),
        'the earlier progress',
      );
    });
    room.resolve();
  });

  it('shows its end at once while Slack takes earlier progress late, and shows it last', async () => {
    const world = worldWith({ calls: [add('Buy milk')] }, { text: 'Added.' });
    await executing(world, async ({ toolCall, decide, outcome, progress }) => {
      const card = await toolCall('todo__add');
      const room = later();
      world.slow.progress = room.promise;
      // The next progress is due at once.
      await delay(4_000);
      await decide(card, 'approve');
      for (const until = Date.now() + 10_000; progress()?.state !== 'done'; ) {
        assert.ok(Date.now() < until, 'the end shows');
        await delay(20);
      }
      room.resolve();
      assert.equal((await outcome()).state, 'completed');
      const shown = world.thread().flatMap(({ states }) => states.filter(({ kind }) => kind === 'progress'));
      const states = shown.map((message) => message.kind === 'progress' && message.state);
      assert.equal(states.at(-1), 'done');
      assert.ok(states.lastIndexOf('working') > states.indexOf('done'), 'the earlier one came in between');
    });
  });

  it('tells the model of a rejection with its reason, and goes on', async () => {
    const world = worldWith({ calls: [add('Buy milk')] }, { text: 'Not added.' });
    await executing(world, async ({ toolCall, decide, outcome }) => {
      await decide(await toolCall('todo__add'), 'reject', ana, { note: 'we have milk' });
      assert.equal((await outcome()).state, 'completed');
      assert.deepEqual(world.toolCalls, []);
      assert.match(resultsOf(world)[0]?.text ?? '', /rejected this call.*we have milk/);
      assert.equal(resultsOf(world)[0]?.isError, true);
    });
  });

  it('does not ask again about a tool of which all calls were approved, and lets those that wait go, too', async () => {
    const world = worldWith(
      { calls: [add('one'), add('two'), call('todo__remove', { title: 'old' })] },
      { calls: [add('three')] },
    );
    await executing(world, async ({ toolCall, decide, outcome }) => {
      const first = await toolCall('todo__add');
      await toolCall('todo__add', 'two');
      await decide(first, 'approve', ana, { everyCall: true });
      await decide(await toolCall('todo__remove'), 'reject');
      assert.equal((await outcome()).state, 'completed');
      assert.deepEqual(world.toolCalls.map(({ input }) => input.title).toSorted(), ['one', 'three', 'two']);
      const messages = world.thread().filter(({ states }) => states[0]?.kind === 'request');
      assert.equal(messages.length, 1, 'one message for the turn, none for what was allowed from then on');
    });
  });

  it('answers ten calls of one turn, three of them asked about, in whatever order people decide', async () => {
    const reads = Array.from({ length: 7 }, () => call('todo__list'));
    const adds = ['a', 'b', 'c'].map((title) => add(title));
    const world = worldWith({ calls: [...reads.slice(0, 4), ...adds, ...reads.slice(4)] });
    await executing(world, async ({ toolCall, decide, outcome }) => {
      const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((title) => toolCall('todo__add', title)));
      assert.ok(a && b && c);
      await decide(c, 'approve');
      await decide(a, 'reject');
      await decide(b, 'approve');
      assert.equal((await outcome()).state, 'completed');
      const results = resultsOf(world);
      assert.equal(results.length, 10);
      assert.deepEqual(
        results.map(({ isError }) => isError),
        [false, false, false, false, true, false, false, false, false, false],
        'each call has its own answer, in its own place',
      );
    });
  });

  it('wants as many people for a call as for the plan, and not the requester under four eyes', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    const policy = { approvers: ['UANA', 'UBEN', 'UCHLOE'], approvals: 2, requesterMayApprove: false };
    await executing(
      world,
      async ({ toolCall, decide, outcome }) => {
        const card = await toolCall('todo__add');
        await decide(card, 'approve', ana);
        await decide(card, 'approve', ben);
        await decide(card, 'approve', ben);
        await world.waitFor(() => world.privately.length > 0, 'the word to Ana');
        assert.equal(world.toolCalls.length, 0);
        await decide(card, 'approve', chloe);
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 1);
        assert.deepEqual(
          world.privately
            .map(({ to, message }) => `${to.user} ${message.kind === 'refused' && message.refusal.reason}`)
            .toSorted(),
          ['UANA four-eyes', 'UBEN already-voted'],
        );
      },
      policy,
      [ben, chloe],
    );
  });

  it('takes no click with other arguments, no change and no edit of a plan for an approval of a call', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    await executing(world, async ({ toolCall, decide, outcome }) => {
      const card = await toolCall('todo__add');
      await decide(card, 'approve', ana, { items: [{ id: card.item.id, digest: 'f'.repeat(64) }] });
      await decide(card, 'changes', ana, { note: 'x' });
      await decide(card, 'edit', ana, { steps: [{ title: 'x', detail: '' }] });
      await decide(card, 'extend', ana);
      await world.waitFor(() => world.privately.length === 4, 'four refusals');
      assert.equal(world.toolCalls.length, 0);
      assert.deepEqual(
        world.privately
          .map(({ message }) => (message.kind === 'refused' ? message.refusal.reason : message.kind))
          .toSorted(),
        ['bad-edit', 'not-offered', 'not-offered', 'wrong-digest'],
      );
      await decide(card, 'approve');
      assert.equal((await outcome()).state, 'completed');
      assert.equal(world.toolCalls.length, 1);
    });
  });

  it('never makes a call that the policy denies, and asks about reading where the policy says so', async () => {
    const world = worldWith({ calls: [call('todo__remove', { title: 'all' }), call('todo__list')] });
    await executing(
      world,
      async ({ toolCall, decide, outcome }) => {
        await decide(await toolCall('todo__list'), 'approve');
        assert.equal((await outcome()).state, 'completed');
        assert.deepEqual(
          world.toolCalls.map(({ name }) => name),
          ['todo__list'],
        );
        assert.match(resultsOf(world)[0]?.text ?? '', /policy denies/);
        assert.ok(
          world.asked.every(({ tools }) => !tools.includes('todo__remove')),
          'it was not even offered',
        );
      },
      {
        tools: [
          { match: 'todo__re*', rule: 'deny' },
          { match: 'todo__*', rule: 'ask' },
        ],
      },
    );
  });

  it('asks those whom a rule names, as many as it says, about a call whose arguments it matches', async () => {
    const pay = (title: string, amount: unknown) => call('todo__add', { title, amount });
    const world = worldWith(
      { calls: [pay('small', 900), pay('large', 2_500)] },
      { calls: [pay('larger', 3_000), pay('unreadable', '400'), pay('smaller', 5)] },
    );
    const where = { amount: ['> 1000'] };
    await executing(
      world,
      async ({ toolCall, decide, outcome }) => {
        await decide(await toolCall('todo__add', 'small'), 'approve', ana, { everyCall: true });
        // An approval of all small ones covers no large one, and none whose amount can't be read.
        for (const title of ['large', 'larger', 'unreadable']) {
          const asked = await toolCall('todo__add', title);
          assert.equal(asked.item.policy.approvals, 2);
          await decide(asked, 'approve', ben);
          await decide(asked, 'approve', chloe);
        }
        assert.equal((await outcome()).state, 'completed');
        const made = world.toolCalls.map(({ input }) => input.title);
        assert.deepEqual(made.toSorted(), ['large', 'larger', 'small', 'smaller', 'unreadable']);
      },
      { tools: [{ match: 'todo__add', where, rule: 'ask', approvers: ['UBEN', 'UCHLOE'], approvals: 2 }] },
    );
  });

  it('asks nobody about a call that can’t be made as it was written, and tells the model', async () => {
    const problem = 'The call was not made: send id as a string.';
    const world = worldWith({ calls: [{ ...add('Buy milk'), problem }] }, { text: 'Nothing was added.' });
    await executing(world, async ({ outcome }) => {
      assert.equal((await outcome()).state, 'completed');
      assert.deepEqual(world.toolCalls, []);
      assert.deepEqual(resultsOf(world), [{ text: problem, isError: true }]);
      assert.equal(world.entries.filter(({ kind }) => kind === 'requested').length, 1, 'the plan alone');
    });
  });

  it('reminds of a call that waits, and says truthfully that nobody decided in time', async () => {
    const world = worldWith({ calls: [add('Buy milk')] }, { text: 'Nothing was added.' });
    await executing(
      world,
      async ({ toolCall, outcome }) => {
        await toolCall('todo__add');
        assert.equal((await outcome()).state, 'completed');
        assert.deepEqual(world.toolCalls, []);
        assert.match(resultsOf(world)[0]?.text ?? '', /Nobody decided about this call in time/);
        assert.equal(world.reminders.filter(({ message }) => 'item' in message).length, 1);
        assert.equal((await toolCall('todo__add')).item.outcome?.kind, 'expired');
      },
      { expiresAfterMs: 6 * 3_600_000, remindAfterMs: [3_600_000] },
    );
  });

  it('tells a late clicker who decided about the plan, though a call has expired since', async () => {
    const world = worldWith({ calls: [add('Buy milk')] }, { calls: [call('todo__list')] });
    const read = later();
    world.answers.set('todo__list', async () => {
      await read.promise;
      return { content: [], isError: false };
    });
    await executing(
      world,
      async ({ handle, toolCall, outcome }) => {
        await toolCall('todo__add');
        await world.waitFor(() => world.toolCalls.length === 1, 'the call after the one that expired');
        await handle.signal(humanApprove, decisionOn(await waitingCard(world), 'approve', ben));
        const told = await world.waitFor(() => world.privately[0]?.message, 'the refusal');
        assert.equal(told.kind === 'refused' && told.refusal.reason, 'already-decided');
        read.resolve();
        assert.equal((await outcome()).state, 'completed');
      },
      { expiresAfterMs: 6_000 },
    );
  });

  it('asks whether a change happened whose answer was lost, and never makes it twice by itself', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    world.answers.set('todo__add', async () => {
      throw new RemoteError('AnswerLost', 'The server died', { retryable: false });
    });
    await executing(world, async ({ toolCall, decide, question, answer, outcome }) => {
      await decide(await toolCall('todo__add'), 'approve');
      const card = await question('lost-call');
      assert.equal(world.toolCalls.length, 1);
      // Somebody who may not say is told so, and nothing happens.
      await answer(card, { choice: 'again' }, ben);
      await world.waitFor(
        () => world.privately.some(({ message }) => message.kind === 'refused'),
        'a refusal',
      );
      assert.equal(world.toolCalls.length, 1);
      await answer(card, { choice: 'happened' });
      assert.equal((await outcome()).state, 'completed');
      assert.equal(world.toolCalls.length, 1);
      assert.match(resultsOf(world)[0]?.text ?? '', /A person looked: it happened/);
    });
  });

  it('lets those whom a rule names for a call say whether it is made again, and nobody else', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    const calls = answerInTurn(world, 'todo__add', new RemoteError('AnswerLost', 'The server died'), 'done');
    await executing(
      world,
      async ({ toolCall, decide, question, answer, outcome, refusal }) => {
        await decide(await toolCall('todo__add'), 'approve', ben);
        const card = await question('lost-call');
        await answer(card, { choice: 'again' }, ana);
        assert.equal(await refusal(), 'not-an-approver');
        assert.equal(calls(), 1);
        await answer(card, { choice: 'again' }, ben);
        assert.equal((await outcome()).state, 'completed');
        assert.equal(calls(), 2);
      },
      { tools: [{ match: 'todo__add', rule: 'ask', approvers: ['UBEN'] }] },
    );
  });
  for (const [word, who] of [
    ['anyone', 'Slack does not know'],
    ['members', 'is a guest'],
  ] as const) {
    it(`where ${word} may decide, takes no answer of somebody who ${who}: about budget, a lost change, a question`, async () => {
      const world = worldWith(
        { calls: [add('Buy milk')] },
        { calls: [call('ask_person', { question: 'Which?', to: 'approvers' })] },
      );
      if (word === 'anyone') world.strangers.add('UDEV');
      else world.guests.add('UDEV');
      const dev = { team: 'T1', user: 'UDEV' };
      const lost = () => new RemoteError('AnswerLost', 'The server died', { retryable: false });
      answerInTurn(world, 'todo__add', lost(), 'added');
      const refusals = (count: number) =>
        world.waitFor(
          () => world.privately.filter(({ message }) => message.kind === 'refused').length === count,
          `refusal ${count}`,
        );
      await executing(
        world,
        async ({ toolCall, decide, question, answer, outcome }) => {
          const asked = await toolCall('todo__add');
          await decide(asked, 'approve', dev);
          await refusals(1);
          await decide(asked, 'approve', ben);
          const again = await question('lost-call');
          await answer(again, { choice: 'again' }, dev);
          await answer(again, { choice: 'happened' }, dev);
          await refusals(3);
          assert.equal(world.toolCalls.length, 1);
          await answer(again, { choice: 'again' }, ben);
          const more = await question('budget');
          await answer(more, { choice: 'grant' }, dev);
          await answer(more, { choice: 'stop' }, dev);
          await refusals(5);
          await answer(more, { choice: 'grant' }, ben);
          const which = await question('question');
          await answer(which, { note: 'the blue one' }, dev);
          await refusals(6);
          await answer(which, { note: 'the red one' }, ben);
          assert.equal((await outcome()).state, 'completed');
        },
        { approvers: [word], budget: { turns: 2 } },
        [ben],
      );
    });
  }

  it('makes a lost change again when a person says so', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    const tries = answerInTurn(
      world,
      'todo__add',
      new RemoteError('AnswerLost', 'The server died', { retryable: false }),
      'added',
    );
    await executing(world, async ({ toolCall, decide, question, answer, outcome }) => {
      await decide(await toolCall('todo__add'), 'approve');
      await answer(await question('lost-call'), { choice: 'again' });
      assert.equal((await outcome()).state, 'completed');
      assert.equal(tries(), 2);
      assert.deepEqual(resultsOf(world), [{ text: 'added', isError: false }]);
    });
  });

  it('stops when a person says so, with what had been done by then on the card', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    world.answers.set('todo__add', async () => {
      throw new Error('a defect in a tool, after it may have acted');
    });
    await executing(world, async ({ toolCall, decide, question, answer, outcome }) => {
      await decide(await toolCall('todo__add'), 'approve');
      await answer(await question('lost-call'), { choice: 'stop' });
      assert.deepEqual(await outcome(), {
        state: 'cancelled',
        by: ana,
        why: 'Nobody could confirm whether “Add: “Buy milk”” was done',
      });
      const state = world.cards()[0]?.states.at(-1)?.state;
      assert.ok(state?.kind === 'cancelled');
      assert.deepEqual(state.done, ['Add: “Buy milk”: contact was lost, so it may have been done']);
      assert.equal(world.toolCalls.length, 1);
    });
  });

  it('reads again after a crash or an answer that broke off, without asking anybody', async () => {
    const world = worldWith({ calls: [call('todo__list')] });
    const tries = answerInTurn(
      world,
      'todo__list',
      ApplicationFailure.create({ type: 'WorkerShutdown', details: [1] }),
      new RemoteError('Unreachable', 'away', { retryable: true, retryAfterMs: 1 }),
      'milk',
    );
    await executing(world, async ({ outcome }) => {
      assert.equal((await outcome()).state, 'completed');
      assert.equal(tries(), 3);
      assert.deepEqual(resultsOf(world), [{ text: 'milk', isError: false }]);
    });
  });

  it('waits out a server that is down before a change, since nothing was sent', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    const down = new RemoteError('ToolUnavailable', 'The server is down', { retryable: true });
    answerInTurn(world, 'todo__add', down, down, 'added');
    await executing(world, async ({ toolCall, decide, outcome }) => {
      await decide(await toolCall('todo__add'), 'approve');
      assert.equal((await outcome()).state, 'completed');
      assert.deepEqual(resultsOf(world), [{ text: 'added', isError: false }]);
    });
  });

  it('makes an approved call only once the approval is on record, and asks nobody when the ledger is away', async () => {
    const world = worldWith({ calls: [add('Buy milk')] }, { text: 'Added.' });
    const onRecord: string[][] = [];
    world.answers.set('todo__add', async () => {
      onRecord.push(world.entries.map(({ kind }) => kind).slice(-2));
      return { content: [{ type: 'text', text: 'Added' }], isError: false };
    });
    await executing(world, async ({ toolCall, decide, outcome, idle }) => {
      const card = await toolCall('todo__add');
      await idle();
      const away = new RemoteError('LedgerAway', 'The database does not answer', { retryable: true });
      world.failures.append.push(away, away, away, away);
      await decide(card, 'approve');
      assert.equal((await outcome()).state, 'completed');
      assert.deepEqual(onRecord, [['voted', 'decided']], 'made once, after its approval was on disk');
      assert.equal(world.failures.append.length, 0, 'the ledger was away');
      const asked = world.thread().map(({ states }) => states.at(-1));
      const requests = asked.filter((message) => message?.kind === 'request');
      assert.deepEqual(
        requests.map(({ item }) => item.subject.kind),
        ['tool-call'],
        'nobody is asked whether it happened',
      );
    });
  });

  it('says at once that a tool is gone, and does not try it again', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    const gone = new RemoteError('UnknownTool', 'There is no tool todo__add.', { retryable: false });
    const tries = answerInTurn(world, 'todo__add', gone);
    await executing(world, async ({ toolCall, decide, outcome }) => {
      await decide(await toolCall('todo__add'), 'approve');
      assert.equal((await outcome()).state, 'completed');
      assert.equal(tries(), 1);
      const text = 'The call was not made: There is no tool todo__add.';
      assert.deepEqual(resultsOf(world), [{ text, isError: true }]);
    });
  });

  it('puts the model’s question to the requester, and goes on with the answer', async () => {
    const world = worldWith({
      calls: [call('ask_person', { question: 'Which colour?', options: ['red', 'blue'], plan_step: 1 })],
    });
    await executing(world, async ({ question, answer, outcome }) => {
      const card = await question('question');
      assert.deepEqual(
        card.item.choices?.map(({ label }) => label),
        ['red', 'blue'],
      );
      await answer(card, { choice: '8' });
      await answer(card, { choice: '2' });
      assert.equal((await outcome()).state, 'completed');
      assert.match(resultsOf(world)[0]?.text ?? '', /no approval of anything else: blue/);
    });
  });

  it('says truthfully that nobody answered', async () => {
    const world = worldWith({ calls: [call('ask_person', { question: 'Which colour?' })] });
    await executing(world, async ({ question, outcome }) => {
      await question('question');
      assert.equal((await outcome()).state, 'completed');
      assert.match(resultsOf(world)[0]?.text ?? '', /Nobody answered before the deadline/);
    });
  });

  it('takes an answer in the person’s own words, and the first of two', async () => {
    const world = worldWith({ calls: [call('ask_person', { question: 'Which colour?', to: 'approvers' })] });
    await executing(
      world,
      async ({ question, answer, outcome }) => {
        const card = await question('question');
        await answer(card, { note: 'green' }, ana);
        await answer(card, { note: 'violet' }, ben);
        await answer(card, { note: 'violet' }, ben);
        await answer(card, { note: 'indigo' }, ben);
        await answer(card, { note: 'yellow' }, chloe);
        assert.equal((await outcome()).state, 'completed');
        assert.match(resultsOf(world)[0]?.text ?? '', /violet/);
        const told = world.privately
          .filter(({ message }) => message.kind === 'refused')
          .map(({ to }) => to.user);
        assert.deepEqual(told.toSorted(), ['UANA', 'UBEN', 'UCHLOE'], 'his first answer twice is no refusal');
      },
      { approvers: ['SREVIEW'] },
      [ben],
    );
  });

  it('stops at its budget until an approver grants more', async () => {
    const turns = Array.from({ length: 4 }, () => ({ calls: [call('todo__list')] }));
    const world = worldWith(...turns);
    await executing(
      world,
      async ({ question, answer, outcome }) => {
        const card = await question('budget');
        assert.equal(world.asked.length, 2);
        await answer(card, { choice: 'grant' }, ben);
        await answer(card, { choice: 'grant' });
        await world.waitFor(() => world.entries.some(({ kind }) => kind === 'granted'), 'the grant');
        await world.waitFor(() => world.asked.length === 4, 'two more turns');
        await answer(await question('budget'), { choice: 'stop' });
        assert.deepEqual(await outcome(), {
          state: 'cancelled',
          by: ana,
          why: 'The budget is used up (model replies)',
        });
      },
      { budget: { turns: 2 } },
    );
  });

  for (const [what, words, budget, usage] of [
    ['tokens', 'tokens', { tokens: 85 }, { inputTokens: 20, outputTokens: 10 }],
    ['costUsd', 'money', { costUsd: 0.5 }, { costUsd: 0.75 }],
  ] as const) {
    it(`counts ${what}, and stops when nobody grants more`, async () => {
      const world = worldWith({ calls: [call('todo__list')], usage }, { text: 'never' });
      await executing(
        world,
        async ({ outcome }) => {
          assert.deepEqual(await outcome(), { state: 'cancelled', why: `The budget is used up (${words})` });
          assert.equal(world.asked.length, 1);
        },
        { budget, expiresAfterMs: 3_600_000 },
      );
    });
  }

  it('counts calls before they are made', async () => {
    const world = worldWith({ calls: [call('todo__list'), call('todo__list'), call('todo__list')] });
    await executing(
      world,
      async ({ question, answer, outcome }) => {
        const card = await question('budget');
        assert.equal(world.toolCalls.length, 0);
        await answer(card, { choice: 'grant' });
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 3);
      },
      { budget: { toolCalls: 2 } },
    );
  });

  it('goes on after a pause and after an answer that was cut, and says so when it stays cut', async () => {
    const world = worldWith({ text: 'one ', end: 'paused' }, { text: 'two ', end: 'cut' }, { text: 'three' });
    await executing(world, async ({ outcome }) => {
      const end = await outcome();
      assert.equal(end.state === 'completed' && end.result, 'one two three');
      const last = world.asked.at(-1)?.exchanges ?? [];
      assert.deepEqual(
        last.map(({ role }) => role),
        ['assistant', 'user'],
        'the pause added no message of its own',
      );
    });
    const cut = worldWith(...Array.from({ length: 6 }, () => ({ text: 'on and on ', end: 'cut' as const })));
    await executing(cut, async ({ outcome }) => {
      const end = await outcome();
      const result = end.state === 'completed' ? end.result : '';
      assert.match(result, /on and on [\s\S]*cut off here[\s\S]*What I did[\s\S]*Nothing was changed\./);
      assert.equal(cut.asked.length, 4);
    });
  });

  it('reports what was changed when the work becomes too long for the model', async () => {
    const world = worldWith({ calls: [add('Buy milk')] }, { end: 'full' });
    await executing(world, async ({ toolCall, decide, outcome, progress }) => {
      await decide(await toolCall('todo__add'), 'approve');
      const end = await outcome();
      const result = end.state === 'completed' ? end.result : '';
      assert.match(result, /^\*The work ended here: it became too long for the model/);
      assert.match(
        result,
        /1\. .*: not finished\n[\s\S]*may have changed something:\n- Add: “Buy milk”: done$/,
      );
      assert.equal(progress()?.state, 'stopped');
    });
  });

  it('keeps what a turn says about the conversation before it, and tells people under the result', async () => {
    const long = { content: [{ type: 'text', text: 'long '.repeat(1_000) }], isError: false };
    const container = { id: 'container_1', expiresAt: '2099-01-01T00:00:00Z' };
    const world = worldWith(
      { calls: [call('todo__list')], own: { container } },
      {
        calls: [call('todo__list')],
        own: { edits: { cleared: 1 }, useFallback: true, notes: ['One refused.'] },
      },
      { text: 'Listed.', own: { edits: { summary: 'All so far' }, notes: ['One refused.', 'It was long.'] } },
    );
    world.answers.set('todo__list', async () => long);
    await executing(world, async ({ outcome }) => {
      const end = await outcome();
      assert.equal(end.state === 'completed' && end.result, 'Listed.\n\n*One refused.*\n\n*It was long.*');
      const [, second, third] = world.asked;
      assert.deepEqual([second?.container?.id, second?.useFallback], ['container_1', undefined]);
      assert.match(JSON.stringify(second?.exchanges), /long long/);
      assert.deepEqual([third?.container?.id, third?.useFallback], ['container_1', true]);
      const results = (third?.exchanges ?? []).filter(({ role }) => role === 'user');
      assert.match(JSON.stringify(results[0]), /This result was cleared/);
      assert.match(JSON.stringify(results[1]), /long long/);
      const noted = world.entries.filter(({ kind, data }) => kind === 'turned' && 'notes' in data);
      assert.equal(noted.length, 2, 'the ledger has them, too');
    });
  });

  it('fails with words when the model refuses, and Retry goes on with what had been done', async () => {
    const refusal = 'The model refused to go on. claude refused (category cyber).';
    const world = worldWith({ calls: [call('todo__list')] }, { end: 'refused', own: { refusal } });
    await executing(world, async ({ outcome }) => {
      await assert.rejects(outcome(), (error: unknown) => {
        assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
        const [failure, resume] = error.cause.details as [
          RunFailure,
          { execution: { exchanges: unknown[] } },
        ];
        assert.deepEqual([failure.code, failure.message], ['Refused', refusal]);
        assert.equal(resume.execution.exchanges.length, 2);
        return true;
      });
    });
  });

  it('does not make a call about which nobody could be asked, and tells the model', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    world.failures.postInThread.push(...Array.from({ length: 4 }, () => permanent('is_archived')));
    await executing(world, async ({ outcome }) => {
      assert.equal((await outcome()).state, 'completed');
      assert.equal(world.toolCalls.length, 0);
      assert.match(resultsOf(world)[0]?.text ?? '', /People could not be asked/);
    });
  });

  it('reaches a call in flight when it is cancelled, and says what had been done by then', async () => {
    const world = worldWith({ calls: [add('one'), add('two')] });
    let aborted = 0;
    world.answers.set('todo__add', async ({ title }, signal) => {
      if (title === 'one') return { content: [{ type: 'text', text: 'added' }], isError: false };
      await new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          aborted = Date.now();
          reject(new Error('aborted'));
        });
      });
      throw new Error('unreachable');
    });
    await executing(world, async ({ toolCall, decide, cancel, outcome }) => {
      await decide(await toolCall('todo__add'), 'approve', ana, { everyCall: true });
      await world.waitFor(() => world.toolCalls.length === 2, 'both calls');
      await delay(300);
      const at = Date.now();
      await cancel();
      assert.deepEqual(await outcome(), { state: 'cancelled', by: ana });
      assert.ok(aborted - at < 2_500, `${aborted - at} ms`);
      const state = world.cards()[0]?.states.at(-1)?.state;
      assert.ok(state?.kind === 'cancelled' && state.done);
      assert.equal(state.done.length, 2);
      assert.match(state.done.join('\n'), /Add: “.*”: done[\s\S]*so it may have been done/);
    });
  });

  it('says that nobody knows of a lost change when it is cancelled instead of answered', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    world.answers.set('todo__add', async () => {
      throw new RemoteError('AnswerLost', 'The server died');
    });
    await executing(world, async ({ toolCall, decide, question, idle, cancel, outcome }) => {
      await decide(await toolCall('todo__add'), 'approve');
      await question('lost-call');
      await idle();
      await cancel();
      assert.equal((await outcome()).state, 'cancelled');
      const state = world.cards()[0]?.states.at(-1)?.state;
      assert.ok(state?.kind === 'cancelled');
      assert.deepEqual(state.done, ['Add: “Buy milk”: contact was lost, so it may have been done']);
    });
  });

  it('gives a server up that is away again after a lost answer', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    const down = new RemoteError('ToolUnavailable', 'The server is down');
    const lost = new RemoteError('AnswerLost', 'The server died');
    const tries = answerInTurn(world, 'todo__add', down, down, lost, down);
    await executing(world, async ({ toolCall, decide, question, answer, outcome }) => {
      await decide(await toolCall('todo__add'), 'approve');
      await answer(await question('lost-call'), { choice: 'again' });
      assert.equal((await outcome()).state, 'completed');
      assert.equal(tries(), 4);
      assert.match(resultsOf(world)[0]?.text ?? '', /The call was not made: The server is down/);
    });
  });

  it('is no continuation any more once it failed: a retry begins on record', async () => {
    const world = worldWith({ end: 'refused' });
    await inRun(
      { continued: true },
      afterApproval(async ({ handle }) => {
        const { input } = await failureOf(handle);
        assert.equal('continued' in input, false);
      }),
      { world },
    );
  });

  it('leaves broken signals aside, and releases nothing on them', async () => {
    const world = worldWith({ calls: [add('Buy milk')] });
    await executing(world, async ({ toolCall, decide, handle, outcome }) => {
      const card = await toolCall('todo__add');
      for (const payload of [
        null,
        7,
        'x',
        {},
        { question: 'x' },
        { question: '__proto__', by: ana, text: 'x', at: 'now' },
      ]) {
        await handle.signal('humanAnswer', payload);
      }
      await decide(card, 'approve');
      assert.equal((await outcome()).state, 'completed');
      assert.equal(world.toolCalls.length, 1);
    });
  });
});

// The server that skips time may lose a workflow task that cancels an activity which has just ended.
describe('a run that is cancelled while it asks', () => {
  const executing = approvedRuns(testRunsAt(devServerForTests()));

  it('withdraws what it asks when it is cancelled', async () => {
    const world = worldWith({ calls: [add('one'), call('ask_person', { question: 'Which?' })] });
    await executing(world, async ({ toolCall, question, idle, cancel, handle, outcome }) => {
      await toolCall('todo__add');
      await question('question');
      const snapshot = await handle.query(status);
      assert.deepEqual(snapshot.asking, [
        { kind: 'tool-call', headline: 'Add: “one”' },
        { kind: 'question' },
      ]);
      await idle();
      await cancel();
      assert.equal((await outcome()).state, 'cancelled');
      for (const { states } of world.thread()) {
        const last = states.at(-1);
        const state = last?.kind === 'request' ? last.item.outcome?.kind : last?.state;
        assert.equal(state, last?.kind === 'progress' ? 'stopped' : 'withdrawn');
      }
    });
  });

  it('withdraws what it was just about to ask when it is cancelled, and answers who decided meanwhile', async () => {
    const world = worldWith({ calls: [add('one'), call('ask_person', { question: 'Which?' })] });
    const posted = later();
    world.slow.postRequest = posted.promise;
    await executing(world, async ({ toolCall, question, decide, cancel, handle, outcome }) => {
      const card = await toolCall('todo__add');
      await question('question');
      await cancel();
      await decide(card, 'approve');
      await handle.query(status);
      posted.resolve();
      assert.deepEqual(await outcome(), { state: 'cancelled', by: ana });
      assert.equal(world.toolCalls.length, 0);
      const ends = world.entries.flatMap(({ kind, data }) => (kind === 'decided' ? data.outcome.kind : []));
      assert.deepEqual(ends, ['approve', 'withdrawn', 'withdrawn']);
      const [refused] = world.privately;
      assert.ok(refused?.message.kind === 'refused');
      assert.equal(refused.message.refusal.reason, 'over');
    });
  });

  it('takes the buttons from a message whose post was under way when another approval decided it, and it was cancelled', async () => {
    // The sixth call of a turn stands in a second message.
    const world = worldWith({ calls: ['one', 'b', 'c', 'd', 'e', 'two'].map((title) => add(title)) });
    const posted = later();
    const requests = () =>
      world.thread().flatMap(({ states }) => {
        const last = states.at(-1);
        return last?.kind === 'request' ? [last] : [];
      });
    // The two posts go on side by side, so either may be the first.
    Object.defineProperty(world.slow, 'postRequest', {
      get() {
        const subject = requests().at(-1)?.item.subject;
        const isSecond = subject?.kind === 'tool-call' && subject.call.input.title === 'two';
        return isSecond ? posted.promise : undefined;
      },
    });
    await executing(world, async ({ toolCall, decide, written, cancel, handle, outcome }) => {
      await world.waitFor(() => requests().length === 2, 'both messages');
      await decide(await toolCall('todo__add', 'one'), 'approve', ana, { everyCall: true });
      await written('decided');
      await world.waitFor(() => world.toolCalls.length > 0, 'the first call');
      await cancel();
      await handle.query(status);
      posted.resolve();
      assert.equal((await outcome()).state, 'cancelled');
      const open = requests().flatMap(({ item, items = [item] }) => items.filter(({ outcome: end }) => !end));
      assert.deepEqual(open, []);
    });
  });

  it('takes the buttons from a message whose post was under way, and lost its answer, when it was cancelled', async () => {
    const world = worldWith({ calls: [add('one')] });
    const posted = later();
    world.slow.postRequest = posted.promise.then(() => {
      throw new RemoteError('unreachable', 'The answer was lost', { retryable: true });
    });
    world.slow.postRequest.catch(() => 'each post awaits it');
    await executing(world, async ({ toolCall, cancel, outcome }) => {
      await toolCall('todo__add');
      await cancel();
      posted.resolve();
      assert.equal((await outcome()).state, 'cancelled');
      const [asked, ...more] = world.thread().filter(({ states }) => states[0]?.kind === 'request');
      const last = asked?.states.at(-1);
      assert.ok(last?.kind === 'request');
      assert.equal(last.item.outcome?.kind, 'withdrawn');
      assert.deepEqual(more, [], 'it was posted once');
    });
  });
});
