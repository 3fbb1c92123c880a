import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createActivities } from '../../src/activities/index.js';
import { type Ledger, openLedger } from '../../src/ledger/index.js';
import type { RunOutcome } from '../../src/run/state.js';
import { connectTemporal, type Temporal } from '../../src/temporal/connection.js';
import { createRuns } from '../../src/temporal/runs.js';
import { installRuntime } from '../../src/temporal/worker.js';
import { decisionOn, waitingCard } from '../support/run/votes.js';
import { createWorld, permanent, type World } from '../support/run/world.js';
import { ana, runInput } from '../support/samples.js';
import { startDevServer } from '../support/temporal/temporal.js';
import { withWorkers } from '../support/temporal/workers.js';

installRuntime(() => {});

/** More than a payload may have in Temporal. */
const HUGE = '漢🙂 '.repeat(400_000);

describe('a run with more in it than Temporal takes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'size-'));
  let server: Awaited<ReturnType<typeof startDevServer>>;
  let ledger: Ledger;
  let temporal: Temporal;
  before(async () => {
    server = await startDevServer();
    ledger = await openLedger(`file:${join(folder, 'ledger.db')}`);
    process.env.TEMPORAL_ADDRESS = server.address;
    temporal = await connectTemporal({ store: ledger });
  });
  after(async () => {
    await temporal.close();
    await ledger.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function inRun(world: World, test: (run: Tools) => Promise<void>): Promise<void> {
    const taskQueue = randomUUID();
    const { native: connection, client } = temporal;
    const activities = createActivities(world);
    const payloads = { store: ledger };
    const shortId = `size${Math.random().toString(36).slice(2, 6)}`;
    const input = runInput({ shortId });
    const runs = createRuns(client, taskQueue);
    await withWorkers({ connection, taskQueue, activities, payloads }, async () => {
      await runs.start(input);
      await test({ runs, shortId, handle: client.workflow.getHandle(`agent-${shortId}`) });
    });
  }
  interface Tools {
    runs: ReturnType<typeof createRuns>;
    shortId: string;
    handle: ReturnType<Temporal['client']['workflow']['getHandle']>;
  }

  it('keeps what is too large in the ledger’s database, and comes through whole', async () => {
    const world = createWorld();
    world.model.searchWeb = async () => ({
      research: { summary: HUGE, sources: [] },
      usage: { inputTokens: 1, outputTokens: 1 },
    });
    world.turns.push({ text: HUGE });
    await inRun(world, async ({ runs, shortId, handle }) => {
      await runs.decide(shortId, decisionOn(await waitingCard(world), 'approve', ana));
      const outcome = (await handle.result()) as RunOutcome;
      assert.equal(outcome.state === 'completed' && outcome.result, HUGE);
      assert.equal(world.results[0]?.text, HUGE);
      const { events } = await handle.fetchHistory();
      const sizes = events?.map((event) => JSON.stringify(event).length) ?? [];
      assert.ok(Math.max(...sizes) < 50_000, `the largest event has ${Math.max(...sizes)} characters`);
      const searched = world.entries.find(({ kind }) => kind === 'searched');
      assert.ok(JSON.stringify(searched).length > 1_000_000, 'the ledger has it all');
    });
  });

  it('goes on from the step that failed, with all that it had', async () => {
    const world = createWorld();
    world.failures.plan = [permanent()];
    world.model.searchWeb = async () => {
      world.calls.search += 1;
      return { research: { summary: HUGE, sources: [] }, usage: { inputTokens: 1, outputTokens: 1 } };
    };
    await inRun(world, async ({ runs, shortId, handle }) => {
      await assert.rejects(handle.result());
      const { runId: executionId } = await handle.describe();
      assert.equal(await runs.retry(shortId, executionId, async () => true, ana), 'started');
      await waitingCard(world);
      assert.equal(world.calls.search, 1, 'nothing is searched again');
    });
  });
});
