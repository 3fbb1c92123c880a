import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createClient } from '@libsql/client';
import { ConfigError } from '../../src/core/errors.js';
import type { Checkpoint } from '../../src/core/run.js';
import { openLedger } from '../../src/ledger/index.js';
import { assertThreads, beforeThreads, threadEntries } from '../support/threads.js';
import { assertUnsettled } from '../support/unsettled.js';

const entry = (key: string, runId = 'run1'): Checkpoint => ({
  runId,
  key,
  kind: 'planned',
  at: '2026-11-24T10:00:00.000Z',
  data: { key },
});

describe('the ledger', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  after(() => rmSync(folder, { recursive: true }));
  const url = (name: string) => `file:${join(folder, 'deep', name)}`;

  it('keeps entries in order, each chained to the one before, over a restart', async () => {
    const first = await openLedger(url('order.db'));
    await first.append([entry('a'), entry('b')]);
    await first.close();
    const second = await openLedger(url('order.db'));
    await second.append([entry('c')]);
    const entries = await second.read('run1');
    await second.close();
    assert.deepEqual(
      entries.map(({ key, sequence }) => [key, sequence]),
      [
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ],
    );
    assert.equal(entries[0]?.previous, '');
    assert.equal(entries[1]?.previous, entries[0]?.hash);
    assert.equal(entries[2]?.previous, entries[1]?.hash);
  });

  it('writes an entry once, however often it is sent', async () => {
    const ledger = await openLedger(url('once.db'));
    await ledger.append([entry('a'), entry('b')]);
    await ledger.append([entry('a'), entry('b'), entry('c')]);
    const entries = await ledger.read('run1');
    await ledger.close();
    assert.deepEqual(
      entries.map(({ key }) => key),
      ['a', 'b', 'c'],
    );
  });

  it('takes many writers at once, run by run', async () => {
    const ledger = await openLedger(url('many.db'));
    const runs = Array.from({ length: 20 }, (_, index) => `run${index}`);
    await Promise.all(runs.map((run) => ledger.append([entry('a', run), entry('b', run)])));
    for (const run of runs) assert.equal((await ledger.read(run)).length, 2);
    await ledger.close();
  });

  it('knows the runs of a thread, the newest last: by their cards in it, or under whose card it is', async () => {
    const ledger = await openLedger(url('threads.db'));
    await ledger.append(threadEntries);
    await assertThreads(ledger);
    await ledger.append(threadEntries);
    await assertThreads(ledger);
    await ledger.close();
  });

  it('knows the threads of cards that an earlier version wrote, and opens though one entry was tampered with', async () => {
    const file = url('before.db');
    await (await openLedger(file)).close();
    const database = createClient({ url: file });
    for (const sql of beforeThreads(threadEntries)) await database.execute(sql);
    await database.execute(
      "INSERT INTO checkpoints VALUES ('bad', 1, 'k', 'posted', '2026-11-24', '{\"card\":', '', 'hash')",
    );
    database.close();
    const ledger = await openLedger(file);
    assert.deepEqual(await ledger.runsIn('C1', '5.0'), ['first', 'retried']);
    assert.deepEqual(await ledger.runsIn('C2', '5.0'), ['elsewhere']);
    await ledger.close();
  });

  it('finds a thread without looking through all entries', async () => {
    const file = url('plan.db');
    await (await openLedger(file)).close();
    const database = createClient({ url: file });
    const { rows } = await database.execute(
      "EXPLAIN QUERY PLAN SELECT run_id FROM threads WHERE channel = 'C1' AND thread = '1.0' ORDER BY at, run_id",
    );
    database.close();
    assert.match(
      String(rows[0]?.detail),
      /SEARCH threads USING (COVERING )?INDEX .*channel=\? AND thread=\?/,
    );
  });

  it('tells of what waits in an execution, of old runs too, until they are over', async () => {
    const ledger = await openLedger(url('standing.db'));
    const told = (runId: string, ...kinds: Checkpoint['kind'][]) =>
      ledger.append(
        kinds.map((kind, index) => ({
          ...entry(`${index}`, runId),
          kind,
          at: `2026-11-24T10:00:0${index}.000Z`,
        })),
      );
    await told('asks', 'started', 'requested', 'decided', 'turned', 'tool-requested');
    await told('wonders', 'started', 'requested', 'decided', 'questioned', 'answered');
    await told('over', 'started', 'requested', 'decided', 'tool-requested', 'tool-decided', 'ended');
    const standing = await ledger.standing(0, '2026-11-01T00:00:00.000Z');
    await ledger.close();
    const kinds = [...standing].map(([runId, entries]) => [runId, ...entries.map(({ kind }) => kind)]);
    assert.deepEqual(kinds, [
      ['asks', 'started', 'requested', 'decided', 'tool-requested'],
      ['wonders', 'started', 'requested', 'decided', 'questioned', 'answered'],
    ]);
  });

  it('knows which runs are not over, or may not show it, though one entry was tampered with', async () => {
    const file = url('unsettled.db');
    await (await openLedger(file)).close();
    const database = createClient({ url: file });
    await database.execute(
      "INSERT INTO checkpoints VALUES ('bad', 1, 'k', 'posted', '2026-11-24', '{\"card\":', '', 'hash')",
    );
    database.close();
    const ledger = await openLedger(file);
    await assertUnsettled(ledger);
    await ledger.close();
  });

  it('names DATABASE_URL when it cannot be opened', async () => {
    writeFileSync(join(folder, 'occupied'), '');
    await assert.rejects(openLedger(`file:${join(folder, 'occupied', 'ledger.db')}`), (error) => {
      return error instanceof ConfigError && error.message.startsWith('DATABASE_URL');
    });
  });
});
