import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cardLost } from '../../src/workflows/runtime/signals.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { createWorld, type World } from '../support/run/world.js';
import { ana, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests, timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

/** A world in which the plan's execution writes twice, one call after the other. */
function worldWithWrites(): World {
  const world = createWorld();
  world.tools.push({ name: 'write', description: '', inputSchema: { type: 'object' }, readOnly: false });
  for (const id of ['t1', 't2']) world.turns.push({ calls: [{ id, name: 'write', input: { id } }] });
  return world;
}

describe('a thread that is gone', () => {
  const inRun = testRunsAt(devServerForTests());

  it('gets nothing more: what follows goes under the message that landed in the channel', async () => {
    const world = worldWithWrites();
    await inRun(
      {},
      async ({ card, click, decide, outcome }) => {
        const { ref } = await card();
        world.gone.add(ref.ts);
        await click('approve');
        const asking = (id: string) => () =>
          world.thread().flatMap(({ states }) => {
            const message = states.at(-1);
            const isIt = message?.kind === 'request' && JSON.stringify(message.item.subject).includes(id);
            return isIt ? [message] : [];
          })[0];
        for (const id of ['t1', 't2']) {
          const message = await world.waitFor(asking(id), 'the call');
          await decide(message, 'approve');
        }
        assert.equal((await outcome()).state, 'completed');
        const posts = [
          ...world.thread().map(({ under }) => under),
          ...world.results.map(({ thread }) => thread),
        ];
        const underCard = posts.filter(({ ts }) => ts === ref.ts);
        // The progress and the first call are posted side by side.
        assert.ok(underCard.length <= 2, JSON.stringify(posts));
        const others = new Set(posts.filter(({ ts }) => ts !== ref.ts).map(({ ts }) => ts));
        assert.equal(others.size, 1);
        assert.ok(world.thread().some(({ ref: { ts, thread } }) => others.has(ts) && thread === undefined));
      },
      { world },
    );
  });

  it('gets no card of a later revision, where the run was asked for in it', async () => {
    const world = createWorld();
    world.gone.add('1.0');
    await inRun(
      { thread: '1.0' },
      async ({ click, card, outcome }) => {
        await click('changes', ana, { note: 'shorter' });
        await card(2);
        await click('reject', ana, { revision: 2 });
        assert.equal((await outcome()).state, 'rejected');
        assert.deepEqual(
          world.cards().map(({ thread, ref }) => [thread, ref.thread]),
          [
            ['1.0', undefined],
            [undefined, undefined],
          ],
        );
      },
      { world },
    );
  });

  it('gets no second card: a card that was deleted with its thread is posted in the channel', async () => {
    const world = createWorld();
    await inRun(
      { thread: '1.0' },
      async ({ handle, postedCard, click, outcome }) => {
        const { ref: first } = await postedCard();
        assert.equal(world.cards()[0]?.ref.thread, '1.0');
        await handle.signal(cardLost, { card: { ...first, thread: '1.0' }, reason: 'thread_not_found' });
        const second = await world.waitFor(() => world.cards()[1], 'another card');
        assert.deepEqual([second.thread, second.channel], [undefined, first.channel]);
        await click('approve', ana, { clickedOn: second.ref.ts });
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.cards().length, 2);
        assert.deepEqual(
          second.states.map(({ state }) => state.kind),
          ['waiting', 'executing', 'completed'],
        );
      },
      { world },
    );
  });
});

describe('a message that asks about a call', () => {
  const inRun = testRunsAt(devServerForTests());

  for (const [what, reason, place] of [
    ['in the thread', 'deleted', 'thread'],
    ['in the channel, where the thread is gone', 'thread_not_found', 'channel'],
    ['to the requester, where the channel is out of reach', 'is_archived', 'requester'],
  ] as const) {
    it(`is posted again, once, when it is lost: ${what}`, async () => {
      const world = worldWithWrites();
      world.turns.pop();
      await inRun(
        {},
        async ({ handle, card, click, decide, toolCall, outcome }) => {
          const { ref } = await card();
          await click('approve');
          const asked = await toolCall('write');
          const asking = () => world.thread().filter(({ states }) => states[0]?.kind === 'request');
          const [first] = asking();
          assert.ok(first);
          while (
            !world.entries.some(
              ({ kind, data }) => kind === 'posted' && JSON.stringify(data).includes(first.ref.ts),
            )
          )
            await new Promise((resolve) => setTimeout(resolve, 20));
          if (place === 'channel') world.gone.add(ref.ts);
          for (let report = 0; report < 2; report += 1)
            await handle.signal(cardLost, { card: first.ref, reason });
          const second = await world.waitFor(() => asking()[1], 'another message');
          assert.equal(second.under.ts, place === 'thread' ? ref.ts : '');
          assert.equal(second.under.channel, place === 'requester' ? ana.user : first.ref.channel);
          await decide(asked, 'approve', ana, { clickedOn: second.ref.ts });
          assert.equal((await outcome()).state, 'completed');
          assert.equal(asking().length, 2);
          const last = second.states.at(-1);
          assert.equal(last?.kind === 'request' && last.item.outcome?.kind, 'approve');
          const result = world.results[0]?.thread.ts;
          assert.equal(result, place === 'channel' ? second.ref.ts : ref.ts);
        },
        { world },
      );
    });
  }
});

describe('a reminder that lands in the channel', () => {
  const inRun = testRunsAt(timeSkippingForTests());

  it('shows that the card is gone: it is posted once more, whoever else reports it', async () => {
    const HOUR = 3_600_000;
    const policy = policyWith({
      approvers: ['UBEN'],
      remindAfterMs: [HOUR, 2 * HOUR],
      expiresAfterMs: 3 * HOUR,
    });
    const world = createWorld();
    await inRun(
      { policy },
      async ({ handle, postedCard, outcome }) => {
        const { ref: first } = await postedCard();
        world.gone.add(first.ts);
        const ended = outcome();
        const second = await world.waitFor(() => world.cards()[1], 'another card');
        await handle.signal(cardLost, { card: first, reason: 'deleted' });
        assert.equal((await ended).state, 'expired');
        assert.equal(world.cards().length, 2);
        assert.deepEqual(
          world.reminders.map(({ thread }) => thread.ts),
          [first.ts, second.ref.ts],
        );
        assert.deepEqual(
          second.states.map(({ state }) => state.kind),
          ['waiting', 'expired'],
        );
      },
      { world },
    );
  });
});
