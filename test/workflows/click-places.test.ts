import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cancelRun, cardLost } from '../../src/workflows/runtime/signals.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { createWorld, permanent } from '../support/run/world.js';
import { ana, ben, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';

quietRuntime();

const ELSEWHERE = '1764.000900';

describe('the value of a button under another message', () => {
  const inRun = testRunsAt(devServerForTests());

  it('releases no plan, and the person is told where to click', async () => {
    await inRun({}, async ({ world, click, card, refusal, outcome }) => {
      const { ref } = await card();
      await click('approve', ana, { clickedOn: ELSEWHERE });
      assert.equal(await refusal(), 'other-message');
      const [told] = world.privately;
      assert.deepEqual(told?.message.kind === 'refused' && told.message.at, ref);
      await click('approve', ana, { clickedOn: '' });
      assert.equal(await refusal(2), 'other-message');
      assert.equal(world.calls.execute.length, 0);
      assert.ok(world.entries.some(({ kind }) => kind === 'refused'));
      await click('approve');
      assert.equal((await outcome()).state, 'completed');
    });
  });

  it('releases no tool call, on the plan’s card neither', async () => {
    const world = createWorld();
    world.tools.push({ name: 'write', description: '', inputSchema: { type: 'object' }, readOnly: false });
    world.turns.push({ calls: [{ id: 'a', name: 'write', input: {} }] });
    await inRun(
      {},
      async ({ click, card, toolCall, decide, refusal, outcome }) => {
        await click('approve');
        const call = await toolCall('write');
        await decide(call, 'approve', ana, { clickedOn: (await card()).ref.ts });
        assert.equal(await refusal(), 'other-message');
        assert.equal(world.toolCalls.length, 0);
        await decide(call, 'reject', ana, { clickedOn: ELSEWHERE });
        await decide(call, 'approve');
        await outcome();
        assert.equal(world.toolCalls.length, 1);
      },
      { world },
    );
  });

  it('stops no run, but a command does', async () => {
    await inRun({}, async ({ world, handle, cancel, postedCard, outcome }) => {
      await postedCard();
      const at = new Date().toISOString();
      await handle.signal(cancelRun, { by: ana, clickedOn: ELSEWHERE, at });
      await world.waitFor(
        () => world.privately.some(({ message }) => message.kind === 'other-message'),
        'the word',
      );
      await cancel();
      assert.deepEqual(await outcome(), { state: 'cancelled', by: ana });
    });
  });
});

describe('Retry of a failed run', () => {
  const inRun = testRunsAt(devServerForTests());
  const whereRetryCounts = async (shortId: string, updateCard: Error[]) => {
    const world = createWorld();
    world.failures.turn = [permanent()];
    let places: unknown;
    await inRun(
      { shortId },
      async ({ click, outcome, runs, handle }) => {
        await click('approve');
        world.failures.updateCard = updateCard;
        await assert.rejects(outcome());
        const { runId = '' } = await handle.describe();
        const look = async (_input: object, shownOn: unknown) => {
          places = shownOn ?? 'anywhere';
          return false;
        };
        assert.equal(await runs.retry(shortId, runId, look, ana), 'not-allowed');
      },
      { world },
    );
    return { places, told: world.privately.map(({ message }) => message.kind), cards: world.cards() };
  };

  it('counts on its card', async () => {
    const { places, told, cards } = await whereRetryCounts('card2345', []);
    assert.deepEqual([places, told], [cards.map(({ ref }) => ref), []]);
  });

  it('counts in the direct message of a run whose card can’t show the failure', async () => {
    const isArchived = Array.from({ length: 5 }, () => permanent('is_archived'));
    const { places, told } = await whereRetryCounts('told2345', isArchived);
    assert.deepEqual([places, told], ['anywhere', ['cannot-post']]);
  });
});

describe('a click on a message whose post Slack has not answered yet', () => {
  const inRun = testRunsAt(devServerForTests());

  it('is judged once the card’s place is known', async () => {
    const world = createWorld();
    let answer = () => {};
    world.slow.postCard = new Promise((resolve) => {
      answer = resolve;
    });
    await inRun(
      {},
      async ({ click, cancel: _, outcome, idle: __ }) => {
        await click('approve');
        await new Promise((resolve) => setTimeout(resolve, 500));
        assert.deepEqual(world.privately, []);
        assert.equal(world.calls.execute.length, 0);
        answer();
        assert.equal((await outcome()).state, 'completed');
        assert.deepEqual(world.privately, []);
      },
      { world },
    );
  });

  it('is judged once the place of the card’s copy is known', async () => {
    const policy = policyWith({ approvers: ['UBEN'] });
    await inRun({ policy }, async ({ world, handle, click, postedCard, outcome }) => {
      const { ref: card } = await postedCard();
      let answer = () => {};
      world.slow.postCard = new Promise((resolve) => {
        answer = resolve;
      });
      await handle.signal(cardLost, { card, reason: 'is_archived' });
      const copy = await world.waitFor(() => world.cards()[1], 'the card for Ana');
      await click('approve', ben, { clickedOn: copy.ref.ts });
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.deepEqual(world.privately, []);
      delete world.slow.postCard;
      answer();
      assert.equal((await outcome()).state, 'completed');
      assert.deepEqual(world.privately, []);
    });
  });
});
