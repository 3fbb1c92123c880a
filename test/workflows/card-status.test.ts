import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { CardActivity } from '../../src/run/card.js';
import type { ModelCall } from '../../src/run/execution/conversation.js';
import { later } from '../support/later.js';
import type { TestRun } from '../support/run/test-run.js';
import { approvedRuns, testRunsAt } from '../support/run/test-runs.js';
import { waitingCard } from '../support/run/votes.js';
import { createWorld, overloaded, type World } from '../support/run/world.js';
import { ana } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

let ids = 0;
function add(step: number, name = 'todo__add'): ModelCall {
  ids += 1;
  return { id: `toolu_${ids}`, name, input: { title: 'Milk', plan_step: step, reason: 'It is on the list' } };
}

function worldWith(...turns: World['turns']): World {
  const world = createWorld();
  const schema = { type: 'object', properties: { title: { type: 'string' } } };
  for (const [name, readOnly] of [
    ['todo__list', true],
    ['todo__add', false],
  ] as const)
    world.tools.push({ name, description: name, inputSchema: schema, readOnly });
  world.turns.push(...turns);
  return world;
}

/** Work of the run as its card has shown it, one after the other. */
const shownBy = (world: World, card = 0): CardActivity[] =>
  world
    .cards()
    [card]?.states.flatMap(({ state, activity }) => (state.kind === 'waiting' ? [] : [activity ?? {}])) ?? [];

const showsOn = (world: World, is: (activity: CardActivity) => boolean, what: string) =>
  world.waitFor(() => (is(shownBy(world).at(-1) ?? {}) ? true : undefined), what);

async function activitiesOf({ handle }: TestRun): Promise<string[]> {
  const { events = [] } = await handle.fetchHistory();
  return (events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
  );
}

describe('the card of a run that works', () => {
  const inRun = testRunsAt(timeSkippingForTests());
  const executing = approvedRuns(inRun);

  it('says that actions wait for approval and leads to them, then which step it works on, at no activity more', async () => {
    const world = worldWith({ calls: [add(1), add(2)] }, { text: 'Added.' });
    await executing(world, async (run) => {
      await showsOn(world, ({ asks }) => asks?.actions === 2, 'two actions to approve');
      const { asks } = shownBy(world).at(-1) ?? {};
      assert.deepEqual([asks?.questions, asks?.approvers], [0, ['requester']]);
      const asking = world.thread().filter(({ states }) => states[0]?.kind === 'request');
      assert.ok(
        asking.some(({ ref }) => ref.ts === asks?.at?.ts),
        'a message that asks',
      );
      for (const { ref } of world.thread().filter(({ states }) => states[0]?.kind === 'request')) {
        const open = world.thread().find((each) => each.ref === ref)?.states[0];
        if (open?.kind === 'request') await run.decide(open, 'approve');
      }
      assert.equal((await run.outcome()).state, 'completed');
      const states = world.cards()[0]?.states.map(({ state }) => state.kind);
      assert.equal(states?.at(-1), 'completed', 'nothing comes after the end');
      const updates = (await activitiesOf(run)).filter((name) => name === 'updateCard');
      assert.ok(updates.length <= 2, `${updates.length} updates of its own`);
    });
  });

  it('says which step it works on, and how many are done between two', async () => {
    const world = worldWith(
      { calls: [add(1, 'todo__list')] },
      { calls: [{ id: 'mark', name: 'mark_step', input: { step: 1, status: 'done' } }] },
      { calls: [add(2, 'todo__list')] },
      { text: 'Looked.' },
    );
    world.answers.set('todo__list', async () => {
      await delay(300);
      return { content: [{ type: 'text', text: 'nothing' }], isError: false };
    });
    await executing(world, async (run) => {
      await showsOn(world, ({ steps }) => steps?.current === 1 && steps.of === 2, 'step 1 of 2');
      assert.equal((await run.outcome()).state, 'completed');
      const steps = shownBy(world).map(({ steps: shown }) => shown?.current);
      assert.ok(!steps.includes(3), JSON.stringify(steps));
    });
  });

  it('shows the end also where Slack takes an earlier update after it', async () => {
    const world = worldWith({ calls: [add(1, 'todo__list')] }, { calls: [add(2)] }, { text: 'Added.' });
    const room = later();
    world.answers.set('todo__add', async () => {
      await delay(4_000);
      return { content: [{ type: 'text', text: 'done' }], isError: false };
    });
    await executing(world, async (run) => {
      const asked = await run.toolCall('todo__add');
      world.slow.progress = room.promise;
      await run.decide(asked, 'approve');
      const lastState = () => world.cards()[0]?.states.at(-1)?.state.kind;
      await world.waitFor(() => (lastState() === 'completed' ? true : undefined), 'the end on the card');
      room.resolve();
      assert.equal((await run.outcome()).state, 'completed');
      assert.equal(lastState(), 'completed');
    });
  });

  it('says that a question waits before any tool was called, and no longer once it is answered', async () => {
    const world = worldWith({ calls: [add(1, 'todo__list'), add(1, 'todo__list')] }, { text: 'Looked.' });
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    world.answers.set('todo__list', async () => {
      await gate;
      return { content: [{ type: 'text', text: 'nothing' }], isError: false };
    });
    await executing(
      world,
      async (run) => {
        const card = await run.question('budget');
        await showsOn(world, ({ asks }) => asks?.questions === 1 && asks.at !== undefined, 'the question');
        await run.answer(card, { choice: 'grant' });
        await showsOn(world, ({ asks }) => asks === undefined, 'no question');
        go();
        assert.equal((await run.outcome()).state, 'completed');
        assert.equal(world.cards()[0]?.states.at(-1)?.state.kind, 'completed');
      },
      { budget: { toolCalls: 1 } },
    );
  });

  it('says that it waits for a model that takes no requests, until when, and no longer once it is back', async () => {
    const world = worldWith({ text: 'Done.' });
    world.failures.turn.push(...Array.from({ length: 6 }, () => overloaded()));
    await executing(world, async (run) => {
      await run.outcome();
      const paused = shownBy(world).map(({ pausedUntil }) => pausedUntil !== undefined);
      assert.ok(paused.includes(true), 'paused');
      assert.equal(world.cards()[0]?.states.at(-1)?.state.kind, 'completed');
    });
  });

  for (const kind of ['changes', 'edit'] as const) {
    it(`leads from a superseded card to the next revision: ${kind}`, async () => {
      const world = worldWith();
      await inRun(
        {},
        async (run) => {
          const steps = [{ title: 'Another one', detail: '' }];
          await run.click(kind, ana, kind === 'edit' ? { steps } : { note: 'shorter' });
          const second = await waitingCard(world, 2);
          const last = await world.waitFor(() => {
            const state = world.cards()[0]?.states.at(-1);
            return state?.next ? state : undefined;
          }, 'the link');
          assert.equal(last.state.kind, 'changed');
          assert.equal(last.next?.ts, second.ref.ts);
          await run.click('reject', ana, { revision: 2 });
          await run.outcome();
        },
        { world },
      );
    });
  }
});
