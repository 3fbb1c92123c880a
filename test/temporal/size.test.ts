import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import proto from '@temporalio/proto';
import { RemoteError } from '../../src/platform/errors.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { failureOf } from '../support/run/test-run.js';
import { openTestRuns, testRunsAt } from '../support/run/test-runs.js';
import { createWorld, permanent } from '../support/run/world.js';
import { ana, threadWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';

quietRuntime();

/** More than a payload may have in Temporal. */
const HUGE = '漢🙂 '.repeat(400_000);

describe('a run with more in it than Temporal takes', () => {
  const inRun = testRunsAt(devServerForTests({ withLedger: true }));

  it('keeps what is too large in the ledger’s database, and comes through whole', async () => {
    const world = createWorld();
    world.model.searchWeb = async () => ({
      research: { summary: HUGE, sources: [] },
      usage: { inputTokens: 1, outputTokens: 1 },
    });
    world.turns.push({ text: HUGE });
    await inRun(
      {},
      async ({ click, outcome, handle }) => {
        await click('approve');
        const end = await outcome();
        assert.equal(end.state === 'completed' && end.result, HUGE);
        assert.equal(world.results[0]?.text, HUGE);
        const { events } = await handle.fetchHistory();
        const sizes = events?.map((event) => JSON.stringify(event).length) ?? [];
        assert.ok(Math.max(...sizes) < 50_000, `the largest event has ${Math.max(...sizes)} characters`);
        const searched = world.entries.find(({ kind }) => kind === 'searched');
        assert.ok(JSON.stringify(searched).length > 1_000_000, 'the ledger has it all');
      },
      { world },
    );
  });

  it('keeps a thread full of pictures and files once for all its calls, and has it whole after a retry', async () => {
    const world = createWorld();
    const image = { kind: 'image' as const, mediaType: 'image/png', data: 'A'.repeat(1_500_000) };
    const text = { kind: 'text' as const, text: '漢'.repeat(100_000) };
    const thread = threadWith({
      files: [image, text].map((content, at) => ({ name: `${at}`, by: 'Ben', content })),
      transcript: '漢'.repeat(40_000),
    });
    const mention = { channel: 'C1', ts: '9.0', thread: '1.0' };
    world.threads.set(mention.ts, thread);
    world.failures.turn = [permanent()];
    await inRun(
      { shortId: 'size2346', mention },
      async ({ runs, shortId, click, handle, outcome }) => {
        await click('approve');
        await assert.rejects(outcome());
        const { events } = await handle.fetchHistory();
        const sizes = events?.map((event) => JSON.stringify(event).length) ?? [];
        assert.ok(Math.max(...sizes) < 50_000, `the largest event has ${Math.max(...sizes)} characters`);
        const inputs = events?.flatMap(
          (event) => event.activityTaskScheduledEventAttributes?.input?.payloads?.[1] ?? [],
        );
        const copies = new Set(inputs?.map(({ data }) => Buffer.from(data ?? []).toString()));
        assert.deepEqual([inputs?.length, copies.size], [3, 1]);
        const { runId: executionId } = await handle.describe();
        assert.equal(await runs.retry(shortId, executionId, async () => true, ana), 'started');
        await world.waitFor(() => world.results.length === 1, 'the result');
        assert.equal(world.readings.length, 1);
        assert.deepEqual(world.material.at(-1)?.thread, thread);
      },
      { world },
    );
  });

  it('goes on from the step that failed, with all that it had', async () => {
    const world = createWorld();
    world.failures.plan = [permanent()];
    world.model.searchWeb = async () => {
      world.calls.search += 1;
      return { research: { summary: HUGE, sources: [] }, usage: { inputTokens: 1, outputTokens: 1 } };
    };
    await inRun(
      { shortId: 'size2345' },
      async ({ runs, shortId, card, handle, outcome }) => {
        await assert.rejects(outcome());
        const { runId: executionId } = await handle.describe();
        assert.equal(await runs.retry(shortId, executionId, async () => true, ana), 'started');
        await card();
        assert.equal(world.calls.search, 1, 'nothing is searched again');
      },
      { world },
    );
  });

  it('fails once with the reason, where the model’s refusal repeats the whole request', async () => {
    const world = createWorld();
    const cause = new Error(HUGE, { cause: new Error(HUGE) });
    const refusals = Array.from({ length: 5 }, () => new RemoteError('InvalidRequestError', HUGE, { cause }));
    world.failures.turn = [...refusals];
    await inRun(
      {},
      async ({ click, handle }) => {
        await click('approve');
        const { failure } = await failureOf(handle);
        assert.deepEqual([failure.step, failure.code], ['execution', 'InvalidRequestError']);
        assert.ok(HUGE.startsWith(failure.message) && failure.message.length > 1_000);
        assert.equal(world.failures.turn.length, 4, 'it was sent once');
      },
      { world },
    );
  });
});

describe('a large thread, with PAYLOAD_KEYS', () => {
  const dev = devServerForTests({ withLedger: true });

  it('is readable neither in Temporal nor in the ledger’s database', async () => {
    const payloads = { store: dev.ledger, keys: [{ id: 'k1', key: randomBytes(32) }], takesPlain: false };
    const { client, close } = await connectTemporal(payloads);
    const { connection, namespace } = dev;
    const runs = await openTestRuns({ client, connection, namespace, payloads });
    const world = createWorld();
    const mention = { channel: 'C1', ts: '9.0', thread: '1.0' };
    world.threads.set(mention.ts, threadWith({ transcript: 'nobody reads '.repeat(60_000) }));
    world.failures.turn = [permanent()];
    try {
      await runs.inRun(
        { mention },
        async ({ click, handle, outcome }) => {
          await click('approve');
          await assert.rejects(outcome());
          const encoded = proto.temporal.api.history.v1.History.encode(await handle.fetchHistory()).finish();
          const history = Buffer.from(encoded).toString('latin1');
          assert.ok(history.includes('binary/encrypted'));
          const file = dev.ledgerUrl.replace('file:', '');
          const database = [file, `${file}-wal`]
            .filter(existsSync)
            .map((path) => readFileSync(path, 'latin1'));
          assert.ok(database.join('').length > 1_000_000, 'the thread is in there');
          for (const kept of [history, ...database]) assert.ok(!kept.includes('nobody reads'));
        },
        { world },
      );
    } finally {
      await runs.close();
      await close();
    }
  });
});
