import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from '../../src/approval/person.js';
import { cardLost, status } from '../../src/workflows/runtime/signals.js';
import { failureOf, type TestRun } from '../support/run/test-run.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { createWorld, permanent, type World } from '../support/run/world.js';
import { ana, ben, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

const told = (world: World) => world.told.map(({ state }) => state);
const privately = (world: World) =>
  world.privately.map(({ to, message }) => [
    to.user,
    message.kind === 'ended' ? message.state.kind : message.kind,
  ]);

describe('who asked for a run', () => {
  const inRun = testRunsAt(timeSkippingForTests());
  const policy = policyWith({ approvers: ['UBEN', 'requester'] });
  const toTheEnd = async (act: (run: TestRun) => Promise<void>, world = createWorld()): Promise<World> => {
    await inRun(
      { policy },
      async (run) => {
        await act(run);
        await run.handle.result();
      },
      { world },
    );
    return world;
  };
  const reject = (by: Person) => (run: TestRun) => run.click('reject', by);
  const stop = (by: Person) => async (run: TestRun) => {
    await run.postedCard();
    await run.cancel(by);
  };

  it('is told once when somebody else rejects the plan, under its card', async () => {
    const world = await toTheEnd(reject(ben));
    const [card] = world.cards();
    assert.deepEqual(
      world.told.map(({ state, at, thread }) => [state, at, thread]),
      [['rejected', card?.ref, card?.ref]],
    );
    assert.deepEqual(privately(world), []);
  });

  it('is told when nobody decides in time', async () => {
    assert.deepEqual(told(await toTheEnd(async ({ card }) => void (await card()))), ['expired']);
  });

  it('is told when somebody else stops the run', async () => {
    assert.deepEqual(told(await toTheEnd(stop(ben))), ['cancelled']);
  });

  it('is not told of their own reject or stop', async () => {
    for (const act of [reject(ana), stop(ana)]) {
      const world = await toTheEnd(act);
      assert.deepEqual([told(world), privately(world)], [[], []]);
    }
  });

  it('is told directly when the run is stopped before it has a card', async () => {
    const world = createWorld();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.model.searchWeb = async (_goal, signal) => {
      await Promise.race([held, new Promise((resolve) => signal?.addEventListener('abort', resolve))]);
      signal?.throwIfAborted();
      return { research: { summary: '', sources: [] }, usage: { inputTokens: 1, outputTokens: 1 } };
    };
    await toTheEnd(({ cancel }) => cancel(ben), world);
    release();
    assert.deepEqual([told(world), privately(world)], [[], [['UANA', 'cancelled']]]);
  });

  it('is told directly when Slack refuses the card’s last state', async () => {
    const world = createWorld();
    const act = async (run: TestRun) => {
      await run.postedCard();
      world.failures.updateCard.push(permanent('message_not_found'));
      await run.click('reject', ben);
    };
    await toTheEnd(act, world);
    assert.deepEqual([told(world), privately(world)], [[], [['UANA', 'rejected']]]);
  });

  it('is told directly when the lost card is posted again while it is brought to the end', async () => {
    const world = createWorld();
    const { updateCard } = world.messenger;
    const act = async (run: TestRun) => {
      const { ref: lost } = await run.postedCard();
      let postAgain = () => {};
      world.slow.postCard = new Promise((resolve) => {
        postAgain = resolve;
      });
      world.messenger.updateCard = async (update, ...more) => {
        if (update.ref.ts !== lost.ts) return await updateCard(update, ...more);
        postAgain();
        while ((await run.handle.query(status)).card?.ts === lost.ts) await delay(20);
        throw permanent('message_not_found');
      };
      await run.handle.signal(cardLost, { card: lost, reason: 'deleted' });
      await world.waitFor(() => world.cards()[1], 'another card');
      await run.cancel(ben);
    };
    await toTheEnd(act, world);
    assert.deepEqual([told(world), privately(world)], [[], [['UANA', 'cancelled']]]);
    assert.equal(world.cards()[1]?.states.at(-1)?.state.kind, 'cancelled');
  });

  it('is told of a failure once, with or without a card', async () => {
    const withoutCard = createWorld();
    withoutCard.failures.search.push(permanent());
    await inRun({ policy }, async ({ handle }) => void (await failureOf(handle)), { world: withoutCard });
    assert.deepEqual([told(withoutCard), privately(withoutCard)], [['failed'], []]);
    const withCard = createWorld();
    const failLater = async ({ click, handle }: TestRun) => {
      withCard.failures.turn.push(permanent());
      await click('approve', ben);
      await failureOf(handle);
    };
    await inRun({ policy }, failLater, { world: withCard });
    assert.deepEqual([told(withCard), privately(withCard)], [['failed'], []]);
  });

  it('hears of a new revision, but of their own edit', async () => {
    const world = await toTheEnd(async (run) => {
      await run.click('changes', ben, { note: 'shorter' });
      await run.card(2);
      await run.click('changes', ana, { note: 'even shorter', revision: 2 });
      await run.card(3);
      await run.click('edit', ana, { revision: 3, steps: [{ title: 'One', detail: '' }] });
      await run.card(4);
      await run.click('edit', ben, { revision: 4, steps: [{ title: 'Two', detail: '' }] });
      await run.card(5);
      await run.click('approve', ben, { revision: 5 });
    });
    assert.deepEqual(world.news, [
      { revision: 2, kind: 'changes', by: 'UBEN' },
      { revision: 3, kind: 'changes', by: 'UANA' },
      { revision: 5, kind: 'edit', by: 'UBEN' },
    ]);
    assert.deepEqual(told(world), [], 'the result itself mentions them');
  });
});
