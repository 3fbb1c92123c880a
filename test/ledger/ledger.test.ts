import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createClient } from '@libsql/client';
import { openDatabase } from '../../src/ledger/database/database.js';
import { openLedger, openLedgerToRead } from '../../src/ledger/index.js';
import { migrateLedger } from '../../src/ledger/upkeep/migrate.js';
import { ConfigError } from '../../src/platform/errors.js';
import type { Checkpoint } from '../../src/run/event.js';
import { eventsOf, posted, started } from '../support/ledger/events.js';
import { assertRolledBack, LATER_TABLES } from '../support/ledger/later-tables.js';
import { assertLeases } from '../support/ledger/leases.js';
import { assertSince } from '../support/ledger/since.js';
import { assertThreads, threadEntries } from '../support/ledger/threads.js';
import { assertUnsettled } from '../support/ledger/unsettled.js';
import { assertViews } from '../support/ledger/views.js';

const entry = (key: string, shortId = 'run1'): Checkpoint<'executed'> => ({
  shortId,
  key,
  kind: 'executed',
  at: '2026-11-24T10:00:00.000Z',
  data: { text: key },
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

  it('writes an entry once that a replay of its run gives another time', async () => {
    const ledger = await openLedger(url('replayed.db'));
    const voted = entry('attempt/8');
    await ledger.append([voted]);
    const heads = await ledger.append([{ ...voted, at: '2026-11-24T10:00:12.000Z' }, entry('attempt/9')]);
    assert.equal(heads.get('run1')?.sequence, 2);
    await ledger.close();
  });

  it('loses no entry to another one that took its key, says so, and writes it once', async () => {
    const taken: string[] = [];
    const ledger = await openLedger(url('taken.db'), {
      keysTaken: (entries) => taken.push(...entries.map(({ key, kind }) => `${key} ${kind}`)),
    });
    const refused = (key: string, at = '2026-11-24T10:00:00.000Z'): Checkpoint => ({
      ...{ shortId: 'run1', key, at },
      ...{ kind: 'refused', data: { reason: 'malformed' } },
    });
    await ledger.append([refused('attempt/7'), entry('attempt/7#2')]);
    const ours = { ...entry('attempt/7'), data: { text: 'ours' } };
    await ledger.append([ours]);
    const heads = await ledger.append([ours, entry('b')]);
    assert.deepEqual(
      (await ledger.read('run1')).map(({ key, kind }) => `${key} ${kind}`),
      ['attempt/7 refused', 'attempt/7#2 executed', 'attempt/7#3 executed', 'b executed'],
    );
    assert.equal(heads.get('run1')?.sequence, 4);
    assert.deepEqual(taken, ['attempt/7 executed']);
    // Two processes may repair a card at once, or hear of the same late click: each has its own moment.
    for (const key of ['repaired/b', 'late/T1/UBEN/approve/1']) {
      await ledger.append([refused(key), refused(key, '2026-11-24T10:00:01.000Z')]);
    }
    assert.equal((await ledger.read('run1')).length, 6);
    assert.equal(taken.length, 1);
    await ledger.close();
  });

  it('puts a run on record whose place is nothing that Slack would name, and finds it in no thread', async () => {
    const ledger = await openLedger(url('place.db'));
    const channel = 'C'.repeat(5_000);
    await ledger.append(
      eventsOf('run1', started({ channel, thread: '1.0' }), posted({ channel: 'C1', ts: '\u0000' })),
    );
    assert.equal((await ledger.read('run1')).length, 2);
    assert.deepEqual(await ledger.runsIn(channel, '1.0'), []);
    await ledger.close();
  });

  it('is read without being made: where there is none, DATABASE_URL is named, and no file appears', async () => {
    const file = join(folder, 'nowhere', 'ledger.db');
    await assert.rejects(openLedgerToRead(`file:${file}`), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /^DATABASE_URL: the ledger can't be opened at .*there is no such file/);
      return true;
    });
    assert.ok(!existsSync(join(folder, 'nowhere')));
    const other = join(folder, 'other.db');
    const database = createClient({ url: `file:${other}` });
    await database.execute('CREATE TABLE notes (text TEXT)');
    await assert.rejects(openLedgerToRead(`file:${other}`), /can't be read \(none of its tables is there\)/);
    const { rows } = await database.execute('SELECT name FROM sqlite_master');
    database.close();
    assert.equal(rows.length, 1);
    const ledger = await openLedger(url('read.db'));
    await ledger.append([entry('a')]);
    const read = await openLedgerToRead(url('read.db'));
    assert.equal((await read.read('run1')).length, 1);
    await read.close();
    await ledger.close();
  });

  it('remembers the organization of who opened App Home, by which policies may name them', async () => {
    const ledger = await openLedger(url('grid.db'));
    const people = [
      { team: 'T2', user: 'UGRID', enterprise: 'E1' },
      { team: 'T1', user: 'UANA' },
    ];
    for (const person of people) await ledger.homeOpened(person, '2026-11-24T08:10:00.000Z');
    const opened = await ledger.homesOpened('2026-11-24T08:00:00.000Z', 5);
    await ledger.close();
    assert.deepEqual(
      opened.map(({ person }) => person).toSorted((one, other) => other.team.localeCompare(one.team)),
      people,
    );
  });

  it('remembers who opened App Home, the last ones first', async () => {
    const ledger = await openLedger(url('homes.db'));
    for (const [user, at] of [
      ['UANA', '2026-11-24T08:10:00.000Z'],
      ['UBEN', '2026-11-24T09:10:00.000Z'],
      ['UANA', '2026-11-24T10:10:00.000Z'],
      ['UANA', '2026-11-24T10:20:00.000Z'],
      ['UDEV', '2026-11-23T10:10:00.000Z'],
    ] as const) {
      await ledger.homeOpened({ team: 'T1', user }, at);
    }
    const opened = await ledger.homesOpened('2026-11-24T08:00:00.000Z', 5);
    await ledger.close();
    assert.deepEqual(
      opened.map(({ person }) => person.user),
      ['UANA', 'UBEN'],
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

  it('gives a lease to one process at a time', async () => {
    const ledgers = await Promise.all([1, 2].map(() => openLedger(url('leases.db'))));
    await assertLeases(ledgers);
    for (const ledger of ledgers) await ledger.close();
  });

  it('gives who follows the entries each once, in one order, though several processes write', async () => {
    const ledgers = await Promise.all([1, 2].map(() => openLedger(url('since.db'))));
    await assertSince(ledgers);
    for (const ledger of ledgers) await ledger.close();
  });

  it('keeps views of the runs beside the events, which can be made anew, and deleted run by run', async () => {
    const ledger = await openLedger(url('views.db'));
    await assertViews(ledger);
    await ledger.close();
  });

  it('works on the tables of a later version, so that a deploy can be rolled back', async () => {
    const file = url('later.db');
    const ledger = await openLedger(file);
    await ledger.append(eventsOf('before', started()));
    const client = createClient({ url: file });
    for (const sql of LATER_TABLES) await client.execute(sql);
    client.close();
    await assertRolledBack(ledger, file);
    await ledger.close();
  });

  it('makes views anew that an older version made, or that are missing', async () => {
    const file = url('older.db');
    const ledger = await openLedger(file);
    await ledger.append(['one', 'two', 'three'].flatMap((run) => eventsOf(run, started(), posted())));
    const client = createClient({ url: file });
    const older = `UPDATE runs SET view_version = 0, view = '{"older":true}'`;
    await client.execute(`${older} WHERE run_id IN ('one', 'two')`);
    await ledger.append([
      { ...eventsOf('one', posted({ channel: 'C1', ts: '7.0' }))[0], key: 'x' } as Checkpoint,
    ]);
    assert.equal((await ledger.view('one'))?.card?.ts, '7.0', 'with its next event');
    assert.equal(await ledger.refreshViews(), 1);
    assert.equal((await ledger.view('two'))?.card?.ts, '1.0');
    await client.execute("DELETE FROM runs WHERE run_id = 'three'");
    client.close();
    assert.equal((await migrateLedger(file)).views, 1);
    assert.equal((await ledger.view('three'))?.card?.ts, '1.0');
    await assert.rejects(migrateLedger(file, 'service'), /--grant-to: SQLite has no users/);
    await ledger.close();
  });

  it('is not read where a version before 0.5 made it', async () => {
    const file = url('before-0.5.db');
    const client = createClient({ url: file });
    await client.execute('CREATE TABLE schema_version (version INTEGER NOT NULL)');
    client.close();
    await assert.rejects(
      openLedger(file),
      /^ConfigError: DATABASE_URL: the ledger is of a version before 0\.5/,
    );
  });

  it('keeps neither the event nor its view where one of the two can’t be written', async () => {
    const file = url('whole.db');
    const ledger = await openLedger(file);
    const [first, second] = eventsOf('run1', started(), posted());
    assert.ok(first && second);
    await ledger.append([first]);
    const database = createClient({ url: file });
    await database.execute(
      "CREATE TRIGGER no_views BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'no views'); END",
    );
    await assert.rejects(ledger.append([second]), /no views/);
    await database.execute('DROP TRIGGER no_views');
    database.close();
    assert.equal((await ledger.read('run1')).length, 1);
    await ledger.append([second]);
    assert.equal((await ledger.view('run1'))?.card?.ts, '1.0');
    await ledger.close();
  });

  it('leaves out entries that are no events of ours, and goes on', async () => {
    const ledger = await openLedger(url('foreign.db'));
    const [first, second, third] = eventsOf(
      'run1',
      started(),
      posted(),
      posted({ channel: 'C1', ts: '2.0' }),
    );
    assert.ok(first && second && third);
    const forged = { ...second, key: 'forged', data: { message: 'nowhere' } } as unknown as Checkpoint;
    const unknown = { ...second, key: 'unknown', kind: 'dreamt' } as unknown as Checkpoint;
    await ledger.append([first, forged]);
    await ledger.append([unknown, third]);
    assert.deepEqual(
      (await ledger.read('run1')).map(({ key }) => key),
      ['1', '3'],
    );
    assert.equal((await ledger.stored('run1')).length, 4);
    assert.equal((await ledger.view('run1'))?.card?.ts, '2.0');
    await ledger.close();
  });

  it('knows which runs are not over, or may not show it, though one entry was tampered with', async () => {
    const file = url('unsettled.db');
    await (await openLedger(file)).close();
    const database = createClient({ url: file });
    await database.execute(
      "INSERT INTO entries VALUES (1, 'bad', 1, 'k', 'posted', '2026-11-24', 1, '{\"message\":', '', 'hash')",
    );
    database.close();
    const ledger = await openLedger(file);
    await assertUnsettled(ledger);
    await ledger.close();
  });

  it('holds up nobody else while SQLite is busy', async () => {
    const database = await openDatabase(url('busy.db'));
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 5);
    const count =
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT COUNT(*) AS i FROM n';
    assert.deepEqual(await database.query(count), [{ i: 2_000_000 }]);
    clearInterval(timer);
    await database.close();
    assert.ok(ticks > 5, `${ticks} ticks`);
    await assert.rejects(database.query('SELECT 1'), /the database is closed/);
  });

  it('names DATABASE_URL when it cannot be opened', async () => {
    writeFileSync(join(folder, 'occupied'), '');
    await assert.rejects(openLedger(`file:${join(folder, 'occupied', 'ledger.db')}`), (error) => {
      return error instanceof ConfigError && error.message.startsWith('DATABASE_URL');
    });
  });
});
