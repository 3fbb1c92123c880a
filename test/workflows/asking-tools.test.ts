import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { AskPeople } from '../../src/activities/ports.js';
import type { ToolAnswer, ToolQuestion } from '../../src/run/execution/tool-question.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { toolAsks } from '../../src/workflows/runtime/signals.js';
import type { TestRun } from '../support/run/test-run.js';
import { afterApproval, openTestRuns, testRunsAt } from '../support/run/test-runs.js';
import { createWorld, transient, type World } from '../support/run/world.js';
import { ben, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';

quietRuntime();

const BOOK = {
  name: 'trains__book',
  description: 'Books a seat',
  inputSchema: { type: 'object', properties: {} },
  readOnly: true,
  definition: 'as it was',
};
const SEAT: ToolQuestion = { text: 'Which seat?\u202e', options: ['window', 'aisle'], freeText: false };

/** A world whose tool asks people, and answers with what came of it. */
function askingWorld(
  question = SEAT,
  { readOnly = true, giveUpMs }: { readOnly?: boolean; giveUpMs?: number } = {},
) {
  const world = createWorld();
  world.tools.push({ ...BOOK, readOnly });
  world.turns.push({ calls: [{ id: 'toolu_1', name: BOOK.name, input: {} }] }, { text: 'Done.' });
  world.answers.set(BOOK.name, async (_input, signal, ask) => {
    const answer = await answerOf(question, ask, signal, giveUpMs);
    return { content: [{ type: 'text', text: JSON.stringify(answer) }], isError: false };
  });
  return world;
}

async function answerOf(question: ToolQuestion, ask?: AskPeople, signal?: AbortSignal, giveUpMs?: number) {
  assert.ok(ask && signal);
  const asked: Promise<ToolAnswer | 'gave up'> = ask(question, signal);
  return await (giveUpMs === undefined ? asked : Promise.race([asked, pause(giveUpMs, 'gave up' as const)]));
}

/** The call's answer, as the model got it. */
const answered = (world: World) =>
  JSON.stringify(world.asked.at(-1)?.exchanges.at(-1)?.content).replaceAll('\\', '');
const questionOf = (world: World) =>
  world
    .thread()
    .flatMap(({ states }) => states.filter((state) => state.kind === 'request'))
    .at(-1);

describe('a tool that asks people', () => {
  const dev = devServerForTests();
  const inRun = testRunsAt(dev);
  const executing = (world: World, test: (run: TestRun) => Promise<void>) =>
    inRun({}, afterApproval(test), { world });

  it('asks in the thread, and the answer goes back into the call that waits', async () => {
    const world = askingWorld();
    await executing(world, async ({ question, answer, outcome, progress, handle }) => {
      const { item } = await question('question');
      assert.deepEqual(item.subject, {
        ...{ kind: 'question', text: 'Which seat?⟨U+202E⟩', to: 'requester' },
        ...{ tool: 'trains__book', choicesOnly: true },
      });
      assert.deepEqual(
        item.choices?.map(({ label }) => label),
        ['window', 'aisle', 'Give no answer'],
      );
      assert.equal(item.freeText, false);
      await world.waitFor(() => progress()?.state === 'waiting', 'the progress says that it waits');
      const card = await question('question');
      await answer(card, { note: 'my own words' });
      await answer(card, { choice: '1' }, ben);
      await answer(card, { choice: '1' });
      assert.equal((await outcome()).state, 'completed');
      assert.match(answered(world), /"kind":"answered","option":1,"text":"aisle"/);
      assert.equal(world.toolCalls.length, 1);
      const { events } = await handle.fetchHistory();
      assert.equal(events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes).length, 1);
    });
  });

  it('asks those who had to approve its call: under four eyes the requester can’t change it afterwards', async () => {
    const world = askingWorld(SEAT, { readOnly: false });
    const policy = { approvers: ['UANA', 'UBEN'], approvals: 1, requesterMayApprove: false };
    const test = afterApproval(
      async ({ toolCall, decide, question, answer, outcome }) => {
        await decide(await toolCall('trains__book'), 'approve', ben);
        const card = await question('question');
        await answer(card, { choice: '0' });
        await world.waitFor(() => world.privately.length === 1, 'the word to Ana');
        await answer(card, { choice: '1' }, ben);
        assert.equal((await outcome()).state, 'completed');
        assert.match(answered(world), /"kind":"answered","option":1,"text":"aisle"/);
      },
      [ben],
    );
    await inRun({ policy: policyWith(policy) }, test, { world });
  });

  it('takes words, or that there is no answer', async () => {
    const words = askingWorld({ ...SEAT, options: [], freeText: true });
    await executing(words, async ({ question, answer, outcome }) => {
      await answer(await question('question'), { note: 'by the door' });
      await outcome();
      assert.match(answered(words), /"kind":"answered","text":"by the door"/);
    });
    const declined = askingWorld();
    await executing(declined, async ({ question, answer, outcome }) => {
      await answer(await question('question'), { choice: 'decline' });
      await outcome();
      assert.match(answered(declined), /"kind":"declined"/);
    });
  });

  it('that waits no longer takes its question back, and the run goes on', async () => {
    const world = askingWorld(SEAT, { giveUpMs: 1_500 });
    await executing(world, async ({ question, outcome }) => {
      await question('question');
      assert.equal((await outcome()).state, 'completed');
      assert.match(answered(world), /gave up/);
      assert.equal(questionOf(world)?.item.outcome?.kind, 'withdrawn');
    });
  });

  it('withdraws its question when it puts another one: one waits at a time', async () => {
    const world = askingWorld();
    world.answers.set(BOOK.name, async (_input, signal, ask) => {
      assert.ok(ask && signal);
      const first = ask(SEAT, signal);
      await world.waitFor(() => questionOf(world) !== undefined, 'the first question');
      const second = ask({ ...SEAT, text: 'And now?', options: ['Give no answer\u200b'] }, signal);
      const text = JSON.stringify(await Promise.all([first, second]));
      return { content: [{ type: 'text', text }], isError: false };
    });
    await executing(world, async ({ question, answer, outcome }) => {
      await world.waitFor(() => questionOf(world)?.item.subject.kind === 'question' && isNow(), 'the second');
      const card = await question('question');
      const labels = card.item.choices?.map(({ label }) => label);
      assert.deepEqual(labels, ['“Give no answer”', 'Give no answer'], 'a server has no words of ours');
      await answer(card, { choice: '0' });
      assert.equal((await outcome()).state, 'completed');
      assert.match(answered(world), /\[\{"kind":"unanswered"\},\{"kind":"answered","option":0/);
    });
    function isNow() {
      const { subject } = questionOf(world)?.item ?? {};
      return subject?.kind === 'question' && subject.text === 'And now?';
    }
  });

  it('puts no question that is too large for the history of a run', async () => {
    const world = askingWorld({ ...SEAT, options: ['x'.repeat(1_001)] });
    await executing(world, async ({ outcome }) => {
      assert.equal((await outcome()).state, 'completed');
      assert.match(answered(world), /"kind":"unanswered"/);
      assert.equal(questionOf(world), undefined);
    });
  });

  it('is no longer waited for when the run is stopped', async () => {
    const world = askingWorld();
    await executing(world, async ({ question, cancel, outcome }) => {
      await question('question');
      await cancel();
      assert.equal((await outcome()).state, 'cancelled');
      await world.waitFor(
        () => questionOf(world)?.item.outcome?.kind === 'withdrawn',
        'the end of the question',
      );
    });
  });

  it('takes a question back that an earlier attempt of its call has left, and asks again', async () => {
    const world = askingWorld();
    const asks = world.answers.get(BOOK.name);
    let attempts = 0;
    world.answers.set(BOOK.name, async (input, signal, ask) => {
      attempts += 1;
      if (attempts > 1 && asks) return await asks(input, signal, ask);
      void answerOf(SEAT, ask, signal).catch(() => 'the call has failed');
      await world.waitFor(() => questionOf(world), 'the first question');
      throw transient();
    });
    await executing(world, async ({ answer, outcome, progress }) => {
      const questions = () => world.thread().flatMap(({ states }) => states.at(-1) ?? []);
      const items = () => questions().flatMap((state) => (state.kind === 'request' ? [state] : []));
      await world.waitFor(() => items().length === 2 && items()[0]?.item.outcome, 'the second question');
      const [first, second] = items();
      assert.equal(first?.item.outcome?.kind, 'withdrawn');
      await world.waitFor(() => progress()?.state === 'waiting', 'the progress says that it waits');
      assert.ok(second && !second.item.outcome);
      await answer(second, { choice: '1' });
      assert.equal((await outcome()).state, 'completed');
      assert.match(answered(world), /aisle/);
    });
  });

  it('is believed only while its call is under way', async () => {
    const world = askingWorld();
    await executing(world, async ({ question, answer, outcome, handle }) => {
      const card = await question('question');
      for (const forged of [{ ...SEAT, call: 'toolu_9' }, { call: 'toolu_1', text: 7 }, null]) {
        const args: [ToolQuestion & { call: string }] = [forged as ToolQuestion & { call: string }];
        await assert.rejects(handle.executeUpdate(toolAsks, { args }), { name: 'WorkflowUpdateFailedError' });
      }
      await answer(card, { choice: '0' });
      assert.equal((await outcome()).state, 'completed');
    });
  });

  it('keeps the run from continuing as new, which would lose its call', async () => {
    const world = askingWorld();
    await executing(world, async ({ question, answer, outcome, handle }) => {
      const card = await question('question');
      const noise = Array.from({ length: 1_100 }, (_, at) => ({ at }));
      await Promise.all(noise.map((payload) => handle.signal('humanApprove', payload)));
      await answer(card, { choice: '0' });
      assert.equal((await outcome()).state, 'completed');
      assert.match(answered(world), /window/);
      assert.equal(world.toolCalls.length, 1);
    });
  });

  it('that has changed since people approved its call is not called: people and the model are told', async () => {
    const world = askingWorld(SEAT, { readOnly: false });
    await executing(world, async ({ toolCall, decide, outcome, progress }) => {
      const card = await toolCall('trains__book');
      world.tools.splice(0, 1, { ...BOOK, readOnly: false, definition: 'another one' });
      await decide(card, 'approve');
      assert.equal((await outcome()).state, 'completed');
      assert.equal(world.toolCalls.length, 0);
      assert.match(answered(world), /The call was not made: The MCP server has changed trains__book/);
      const shown = progress();
      const [made] = [...(shown?.otherCalls ?? []), ...(shown?.steps ?? []).flatMap(({ calls }) => calls)];
      assert.deepEqual(
        [made?.status, made?.detail.startsWith('Not run: the server has changed')],
        ['failed', true],
      );
    });
  });

  it('asks with PAYLOAD_KEYS, too', async () => {
    const payloads = { keys: [{ id: 'k1', key: randomBytes(32) }], takesPlain: false };
    const { client, close } = await connectTemporal(payloads);
    const { connection, namespace } = dev;
    const runs = await openTestRuns({ client, connection, namespace, payloads });
    const world = askingWorld();
    try {
      await runs.inRun(
        {},
        afterApproval(async ({ question, answer, outcome }) => {
          await answer(await question('question'), { choice: '0' });
          await outcome();
          assert.match(answered(world), /window/);
        }),
        { world },
      );
    } finally {
      await runs.close();
      await close();
    }
  });
});
