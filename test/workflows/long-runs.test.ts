import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { later } from '../support/later.js';
import type { TestRun } from '../support/run/test-run.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { createWorld, permanent, type World } from '../support/run/world.js';
import { ana, ben, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';

quietRuntime();

/** A run goes on as a new one at so many events. Temporal suggests it at 4,096, or at 4 MB. */
const SUGGESTED_AT = 120;

describe('an execution with many turns, or much in them', () => {
  const dev = devServerForTests({
    dynamicConfig: [`limit.historyCount.suggestContinueAsNew=${SUGGESTED_AT}`],
    withLedger: true,
  });
  const inRun = testRunsAt(dev);
  /** A world with a tool that reads and one that changes things. */
  function worldWithTools(): World {
    const world = createWorld();
    world.tools.push(
      { name: 'read', description: '', inputSchema: { type: 'object' }, readOnly: true },
      { name: 'write', description: '', inputSchema: { type: 'object' }, readOnly: false },
    );
    return world;
  }

  it('goes on as a new run before its history is too long: nothing is asked twice, and no click is lost', async () => {
    const world = worldWithTools();
    const turns = 14;
    for (let turn = 0; turn < turns; turn += 1) {
      const name = turn % 3 === 0 ? 'write' : 'read';
      world.turns.push({ text: `turn ${turn}`, calls: [{ id: `t${turn}`, name, input: { turn } }] });
    }
    const policy = policyWith({ budget: { turns: 100 } });
    await inRun(
      { policy, shortId: 'turns234' },
      async ({ handle, click: decideOnPlan, toolCall, decide, outcome, progress, shortId }) => {
        await decideOnPlan('approve');
        await decide(await toolCall('write'), 'approve', ana, { everyCall: true });
        // Clicks on the old card come all along; each is answered, and none gets in the way.
        const clicks = 12;
        for (let click = 0; click < clicks; click += 1) {
          await decideOnPlan('reject', ana, { note: `late ${click}` });
          await world.waitFor(() => world.asked.length > click, 'a turn');
        }
        const end = await outcome();
        assert.equal(end.state === 'completed' && end.result, 'The result');
        assert.deepEqual(
          world.toolCalls.map(({ input }) => input.turn),
          Array.from({ length: turns }, (_, turn) => turn),
          'each call was made once, in order',
        );
        const histories = [];
        for await (const { runId: id, status } of dev.client.workflow.list({
          query: `WorkflowId = 'agent-${shortId}'`,
        })) {
          histories.push(status.name);
          const { events = [] } = await dev.client.workflow.getHandle(`agent-${shortId}`, id).fetchHistory();
          assert.ok((events?.length ?? 0) < SUGGESTED_AT * 2, `${events?.length} events`);
        }
        assert.ok(histories.filter((name) => name === 'CONTINUED_AS_NEW').length >= 2, histories.join());
        const kinds = world.entries.map(({ kind }) => kind);
        assert.equal(kinds.filter((kind) => kind === 'started').length, 1);
        assert.equal(kinds.filter((kind) => kind === 'turned').length, turns + 1);
        const late = world.entries.filter(
          ({ kind, data }) => kind === 'refused' && JSON.stringify(data).includes('late '),
        );
        // A person’s first three are, then the 10th.
        assert.ok(late.length >= 4, `${late.length} late clicks are on record`);
        assert.equal(progress()?.steps.flatMap(({ calls }) => calls).length, 0);
        assert.equal(progress()?.otherCalls.length, turns, 'the progress message goes on, too');
        assert.equal(world.thread().filter(({ states }) => states[0]?.kind === 'progress').length, 1);
        const { memo } = await handle.describe();
        assert.equal(memo?.goal, 'Draft the release notes', 'lists still know it');
      },
      { world },
    );
  });

  it('is cancelled all the same when it was about to go on as a new run', async () => {
    const world = worldWithTools();
    for (let turn = 0; turn < 30; turn += 1) {
      world.turns.push({ calls: [{ id: `t${turn}`, name: 'read', input: { turn } }] });
    }
    const policy = policyWith({ approvers: ['UANA', 'SREVIEW'], budget: { turns: 100 } });
    await inRun(
      { policy },
      async ({ click, cancel, outcome, progress }) => {
        await click('approve');
        await world.waitFor(() => world.asked.length > 0, 'the first turn');
        // Slack says that Ben is a member, so that he may cancel, only when the run is about to go on.
        world.directory.members = async () => {
          await world.waitFor(
            () => world.entries.some(({ kind }) => kind === 'continued'),
            'the end of the turns',
          );
          return ['UBEN'];
        };
        await cancel(ben);
        assert.deepEqual(await outcome(), { state: 'cancelled', by: ben });
        assert.equal(progress()?.state, 'stopped');
      },
      { world },
    );
  });

  it('goes on, and stops when it is cancelled, while Slack has no room for its progress', async (test) => {
    const world = worldWithTools();
    const room = later();
    test.after(() => room.resolve());
    world.slow.room = room.promise;
    for (let turn = 0; turn < 40; turn += 1) {
      world.turns.push({ calls: [{ id: `t${turn}`, name: 'read', input: { turn } }] });
    }
    await inRun(
      { policy: policyWith({ budget: { turns: 100 } }) },
      async ({ handle, click, cancel, outcome }) => {
        await click('approve');
        const { runId: first } = await handle.describe();
        await world.waitFor(
          () => world.entries.some(({ kind }) => kind === 'continued'),
          'the end of the turns',
        );
        const stuckAt = Date.now() + 15_000;
        while ((await dev.client.workflow.getHandle(handle.workflowId).describe()).runId === first) {
          assert.ok(Date.now() < stuckAt, 'it has not gone on as a new run');
          await delay(100);
        }
        await cancel();
        await world.waitFor(() => world.entries.some(({ kind }) => kind === 'ended'), 'the end');
        room.resolve();
        assert.deepEqual(await outcome(), { state: 'cancelled', by: ana });
      },
      { world },
    );
  });

  /** Approves the plan; its run fails, and its retry completes. */
  async function completeByRetry({ handle, click, outcome, runs, shortId }: TestRun): Promise<void> {
    await click('approve');
    await assert.rejects(outcome());
    const { runId: attempt } = await handle.describe();
    assert.equal(await runs.retry(shortId, attempt, async () => true, ana), 'started');
    const end = await dev.client.workflow.getHandle(`agent-${shortId}`).result();
    assert.equal(end.state, 'completed');
  }

  it('keeps results of any size, also when it fails with them and is tried again', async () => {
    const world = worldWithTools();
    const huge = 'x'.repeat(1_500_000);
    world.answers.set('read', async () => ({ content: [{ type: 'text', text: huge }], isError: false }));
    world.turns.push({ calls: ['a', 'b', 'c'].map((id) => ({ id, name: 'read', input: { id } })) }, () => {
      throw permanent();
    });
    await inRun(
      { shortId: 'large234' },
      async (run) => {
        await completeByRetry(run);
        const sent = world.asked.at(-1)?.exchanges ?? [];
        assert.equal(JSON.stringify(sent).length > 4_500_000, true, 'the model has all of it again');
        assert.equal(world.toolCalls.length, 3, 'nothing was called again');
      },
      { world },
    );
  });

  it('sends no part again that the model’s API refused: neither in later turns, nor after a retry', async () => {
    const world = worldWithTools();
    const reading = { calls: [{ id: 'a', name: 'read', input: {} }] };
    const fail = () => {
      throw permanent();
    };
    world.turns.push(
      { ...reading, own: { refused: ['one'] } },
      { calls: [{ id: 'b', name: 'read', input: {} }] },
      fail,
    );
    await inRun(
      { shortId: 'refuse23' },
      async (run) => {
        await completeByRetry(run);
        assert.deepEqual(
          world.asked.map(({ refused }) => refused),
          [undefined, ['one'], ['one'], ['one']],
        );
      },
      { world },
    );
  });
});
