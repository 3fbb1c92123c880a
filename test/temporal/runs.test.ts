import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { connectTemporal, type Temporal } from '../../src/temporal/connection.js';
import { NotConfirmed } from '../../src/temporal/deadline.js';
import { headInHistory, listHeads } from '../../src/temporal/heads.js';
import { workflowIdOf } from '../../src/temporal/ids.js';
import { createRuns, type Runs } from '../../src/temporal/runs.js';
import { WORKFLOW_TYPE } from '../../src/workflows/runtime/signals.js';
import { workersAt } from '../support/run/test-runs.js';
import { ana, ben, chloe, decision, runInput } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';
import { startDevServer } from '../support/temporal/temporal.js';
import { workflowBundle } from '../support/temporal/workflow-bundle.js';

quietRuntime();

describe('speaking to runs, with no worker anywhere', () => {
  let server: Awaited<ReturnType<typeof startDevServer>>;
  let temporal: Temporal;
  let client: Temporal['client'];
  before(async () => {
    server = await startDevServer();
    process.env.TEMPORAL_ADDRESS = server.address;
    temporal = await connectTemporal();
    ({ client } = temporal);
  });
  after(async () => {
    await temporal.close();
    await server.kill();
  });

  const inputFor = (shortId: string) => runInput({ shortId });

  /** The runs that are running, which Temporal brings up to date a moment later. */
  async function runningRuns(runs: Runs, count: number): Promise<string[]> {
    for (let tries = 0; ; tries += 1) {
      const running = await runs.running();
      if (running.size >= count || tries === 100) return [...running];
      await delay(50);
    }
  }

  it('starts one run, however often it is asked to', async () => {
    const runs = createRuns(client, 'nobody-works-here');
    await Promise.all([runs.start(inputFor('aaaa2345')), runs.start(inputFor('aaaa2345'))]);
    const first = await client.workflow.getHandle(workflowIdOf('aaaa2345')).describe();
    await runs.start(inputFor('aaaa2345'));
    const still = await client.workflow.getHandle(workflowIdOf('aaaa2345')).describe();
    assert.equal(still.runId, first.runId, 'the same execution');
    await runs.start(inputFor('bbbb2345'));
    const running = await runningRuns(runs, 2);
    assert.deepEqual(running.sort(), ['aaaa2345', 'bbbb2345']);
    const run = await runs.describe('aaaa2345');
    assert.deepEqual(run?.memo, {
      goal: 'Draft the release notes',
      requester: ana,
      channel: 'C1',
      approvers: ['requester'],
    });
    assert.equal(run?.status, 'RUNNING');
  });

  it('starts a run all the same where the server doesn’t know our search attributes', async () => {
    const runs = createRuns(client, 'nobody-works-here', { searchAttributes: true });
    const executionId = await runs.start({ ...inputFor('cccc2345'), requester: chloe });
    assert.equal((await runs.describe('cccc2345'))?.executionId, executionId);
    await client.workflow.getHandle(workflowIdOf('cccc2345')).terminate();
  });

  it('registers the search attributes once, and is told when they are there', async () => {
    assert.equal((await temporal.missingSearchAttributes()).length, 4);
    await temporal.registerSearchAttributes();
    await temporal.registerSearchAttributes();
    assert.deepEqual(await temporal.missingSearchAttributes(), []);
  });

  it('takes a click and an answer with every worker down, and keeps them', async () => {
    const runs = createRuns(client, 'nobody-works-here');
    assert.equal(await runs.decide('aaaa2345', decision()), true);
    assert.equal(await runs.decide('aaaa2345', decision({ kind: 'answer', note: 'yes' })), true);
    const { events } = await client.workflow.getHandle(workflowIdOf('aaaa2345')).fetchHistory();
    const signals = events
      ?.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName)
      .filter(Boolean);
    assert.deepEqual(signals, ['humanApprove', 'humanAnswer']);
  });

  it('leaves the runs of another Slack app alone, and counts them', async () => {
    const [ours, theirs] = ['T1/A1', 'T1/A2'].map((app) => createRuns(client, 'nobody-works-here', { app }));
    assert.ok(ours && theirs);
    const executionId = await ours.start(inputFor('gggg2345'));
    assert.equal((await ours.describe('gggg2345'))?.executionId, executionId);
    assert.equal(await theirs.describe('gggg2345'), undefined);
    assert.equal(await theirs.cancel('gggg2345', async () => true, { by: ana }), 'unknown-run');
    const handle = client.workflow.getHandle(workflowIdOf('gggg2345'));
    const { events } = await handle.fetchHistory();
    assert.ok(!events?.some((event) => event.workflowExecutionSignaledEventAttributes));
    await runningRuns(theirs, 2);
    const others = await theirs.countOthers();
    assert.ok(others.all >= 1 && others.onQueue === others.all);
    const elsewhere = await createRuns(client, 'another-queue', { app: 'T1/A2' }).countOthers();
    assert.deepEqual([elsewhere.all, elsewhere.onQueue], [others.all, 0]);
    assert.equal(await theirs.retry('gggg2345', executionId ?? '', async () => true, ana), 'stale');
    await handle.terminate('by a test');
  });

  it('have their chains compared with the ledger of their own Slack app alone', async () => {
    const apps = { hhhh2345: 'T1/A1', iiii2345: 'T1/A1', jjjj2345: 'T1/A2' };
    const ledgerHead = { sequence: 1, hash: 'a'.repeat(64) };
    for (const [shortId, app] of Object.entries(apps)) {
      const own = { workflowId: workflowIdOf(shortId), taskQueue: 'nobody-works-here' };
      await client.workflow.start(WORKFLOW_TYPE, { ...own, args: [], memo: { app, ledgerHead } });
    }
    for (let tries = 0; (await listHeads(client)).size < 3 && tries < 100; tries += 1) await delay(50);
    const all = Object.keys(apps);
    assert.deepEqual([...(await listHeads(client)).keys()].sort(), all);
    // `iiii2345` is missing in the ledger, which must show.
    const compared = await listHeads(client, new Set(['hhhh2345']));
    assert.deepEqual([...compared.keys()].sort(), ['hhhh2345', 'iiii2345']);
    for (const id of all) await client.workflow.getHandle(workflowIdOf(id)).terminate('by a test');
  });

  it('says so when there is no such run, or it is over', async () => {
    const runs = createRuns(client, 'nobody-works-here');
    assert.equal(await runs.decide('zzzz2345', decision()), false);
    assert.equal(await runs.cancel('zzzz2345', async () => true, { by: ana }), 'unknown-run');
    assert.equal(await runs.decide('zzzz2345', decision({ kind: 'answer', note: 'yes' })), false);
    assert.equal(await runs.describe('zzzz2345'), undefined);
    assert.equal(await runs.retry('zzzz2345', 'an attempt', async () => true, ana), 'stale');
    await client.workflow.getHandle(workflowIdOf('bbbb2345')).terminate('by a test');
    assert.equal(await runs.decide('bbbb2345', decision()), false);
    assert.equal((await runs.end('bbbb2345')).kind, 'gone');
    assert.equal(
      await runs.start(inputFor('bbbb2345')),
      undefined,
      'a late delivery of the command starts nothing',
    );
  });

  it('retries nothing that has not failed, whichever attempt the button names', async () => {
    const runs = createRuns(client, 'nobody-works-here');
    const { runId: attempt } = await client.workflow.getHandle(workflowIdOf('bbbb2345')).describe();
    assert.equal(await runs.retry('bbbb2345', 'another attempt', async () => true, ana), 'stale');
    assert.equal(await runs.retry('bbbb2345', attempt, async () => true, ana), 'stale', 'it was terminated');
    const still = await client.workflow.getHandle(workflowIdOf('bbbb2345')).describe();
    assert.equal(still.runId, attempt);
  });

  it('gives up a cancellation whose permission takes too long, and does not cancel later', async () => {
    const runs = createRuns(client, 'nobody-works-here');
    await runs.start(inputFor('eeee2345'));
    const mayCancel = () => delay(2_300, true);
    await assert.rejects(runs.cancel('eeee2345', mayCancel, { by: ana }), { code: 'NotConfirmed' });
    await delay(600);
    const handle = client.workflow.getHandle(workflowIdOf('eeee2345'));
    const { events } = await handle.fetchHistory();
    assert.ok(!events?.some((event) => event.workflowExecutionSignaledEventAttributes));
    await handle.terminate();
  });

  it('gives up after two seconds when Temporal does not answer', async () => {
    const runs = createRuns(client, 'nobody-works-here');
    await server.kill();
    const startedAt = Date.now();
    await assert.rejects(runs.decide('aaaa2345', decision()), NotConfirmed);
    assert.ok(Date.now() - startedAt < 2_900, 'before Slack gives up on us');
    server = await startDevServer({ port: Number(server.address.split(':')[1]) });
    assert.equal(
      await runs.decide('cccc2345', decision()),
      false,
      'and answers at once when Temporal is back',
    );
  });
});

describe('a run that goes on as new, and is tried again', () => {
  const dev = devServerForTests();

  it('is one run: as it is described, among those that run, and in where its chain ends', async () => {
    const taskQueue = 'goes-on';
    const worker = await Worker.create({
      ...workersAt(dev),
      taskQueue,
      workflowBundle: await workflowBundle(
        fileURLToPath(new URL('../support/workflows/continuing-workflow.ts', import.meta.url)),
      ),
    });
    const runs = createRuns(dev.client, taskQueue);
    const at = '2026-11-24T10:00:00.000Z';
    const input = runInput({ shortId: 'dddd2345', origin: { channel: 'C1', at } });
    /** Temporal's lists are up to date a moment later. */
    const until = async (what: string, holds: () => Promise<boolean>) => {
      for (let tries = 0; !(await holds()); tries += 1) {
        assert.ok(tries < 500, `Waited in vain for ${what}`);
        await delay(20);
      }
    };
    const { workflow } = dev.client;
    /** The run as it is described, once Temporal's lists know of so many executions. */
    const described = async (executions: number) => {
      const query = `WorkflowId = '${workflowIdOf('dddd2345')}'`;
      await until(`${executions} executions`, async () => (await workflow.count(query)).count >= executions);
      const found = await runs.describe('dddd2345');
      return [found?.shortId, found?.status, found?.startedAt.toISOString()];
    };
    const status = (wanted: string) =>
      until(wanted, async () => (await runs.describe('dddd2345'))?.status === wanted);
    const head = (sequence: number) =>
      until(`the end of the chain at ${sequence}`, async () => {
        const kept = (await listHeads(dev.client)).get('dddd2345');
        const exact = await headInHistory(dev.client, 'dddd2345');
        const isAt = (found: typeof kept) => found && 'sequence' in found && found.sequence === sequence;
        return isAt(kept) === true && isAt(exact) === true;
      });
    await worker.runUntil(async () => {
      await runs.start(input);
      assert.deepEqual(await described(2), ['dddd2345', 'RUNNING', at]);
      assert.deepEqual([...(await runs.running())], ['dddd2345']);
      await head(2);
      assert.equal(await runs.cancel('dddd2345', async () => true, { by: ana }), 'cancelling');
      await status('FAILED');
      const attempt = (await runs.describe('dddd2345'))?.executionId ?? '';
      const retriedBy: unknown[] = [];
      const retry = (by: typeof ana) =>
        runs.retry(
          'dddd2345',
          attempt,
          async () => true,
          by,
          ({ resume }) => retriedBy.push(resume?.retriedBy),
        );
      assert.ok((await Promise.all([retry(ana), retry(ben)])).includes('started'));
      assert.equal(retriedBy.length, 1, 'of two retries at once one starts the run, and is told so');
      assert.deepEqual(await described(4), ['dddd2345', 'RUNNING', at]);
      assert.deepEqual([...(await runs.running())], ['dddd2345']);
      await head(12);
      assert.equal(await runs.cancel('dddd2345', async () => true, { by: ana }), 'cancelling');
      await status('COMPLETED');
      assert.deepEqual(await runs.end('dddd2345'), { kind: 'outcome', outcome: { state: 'cancelled' } });
      await until('the end of it', async () => (await runs.running()).size === 0);
      assert.deepEqual(await described(4), ['dddd2345', 'COMPLETED', at]);
    });
  });
});
