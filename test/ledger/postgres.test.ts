import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { verifyRuns } from '../../src/cli/ledger/ledger.js';
import { openDatabase, type Query } from '../../src/ledger/database/database.js';
import { SCHEMA_VERSION } from '../../src/ledger/database/migrations.js';
import { examineLedger, type LedgerEntry, openLedger, openLedgerToRead } from '../../src/ledger/index.js';
import { cursorReader } from '../../src/ledger/since.js';
import { migrateLedger } from '../../src/ledger/upkeep/migrate.js';
import { ConfigError } from '../../src/platform/errors.js';
import type { Checkpoint } from '../../src/run/event.js';
import { assertErased } from '../support/ledger/erased.js';
import { eventsOf, posted, started } from '../support/ledger/events.js';
import { assertRolledBack, LATER_TABLES } from '../support/ledger/later-tables.js';
import { assertLeases } from '../support/ledger/leases.js';
import { assertLimits } from '../support/ledger/limits.js';
import { assertPayloads } from '../support/ledger/payloads.js';
import { postgresPath, startPostgres } from '../support/ledger/postgres.js';
import { assertSince } from '../support/ledger/since.js';
import { assertThreads, threadEntries } from '../support/ledger/threads.js';
import { assertUnsettled } from '../support/ledger/unsettled.js';
import { assertViews } from '../support/ledger/views.js';
import { ana } from '../support/samples.js';

const skip = postgresPath() ? false : 'there is no PostgreSQL here: install it, or set POSTGRES_BIN';

const entry = (key: string, shortId = 'run1'): Checkpoint<'executed'> => ({
  shortId,
  key,
  kind: 'executed',
  at: '2026-11-24T10:00:00.000Z',
  data: { text: `${key}: Grüße, 漢字, \u0000 and "quotes"?` },
});

describe('the ledger in PostgreSQL', { skip }, () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres?.stop());

  it('makes its tables once, though several processes start at the same time', async () => {
    const ledgers = await Promise.all(Array.from({ length: 4 }, () => openLedger(postgres.url)));
    for (const ledger of ledgers) await ledger.close();
  });

  it('keeps each chain whole while several processes write the same runs', async () => {
    const ledgers = await Promise.all(Array.from({ length: 3 }, () => openLedger(postgres.url)));
    const runs = ['run1', 'run2', 'run3'];
    await Promise.all(
      ledgers.flatMap((ledger, writer) =>
        // Each in another order, and what all three send is written once.
        [...runs, ...runs.toReversed()].map((run, index) =>
          ledger.append([entry(`own/${writer}/${index}`, run), entry('shared', run)]),
        ),
      ),
    );
    const [ledger] = ledgers;
    assert.ok(ledger);
    for (const run of runs) {
      const entries: LedgerEntry[] = await ledger.read(run);
      assert.equal(entries.length, 7, run);
      assert.match(JSON.stringify(entries[0]?.data), /: Grüße, 漢字, \\u0000 and .*quotes/);
    }
    const lines: string[] = [];
    assert.ok(
      await verifyRuns(ledger, { shortId: undefined, heads: undefined }, (line) => lines.push(line)),
      lines.join(),
    );
    for (const one of ledgers) await one.close();
  });

  it('refuses to change, delete or empty what is written', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    for (const sql of ["UPDATE entries SET data = '1'", 'DELETE FROM entries', 'TRUNCATE entries']) {
      await assert.rejects(client.query(sql), /append only/);
    }
    await client.end();
  });

  it('keeps payloads, and who has App Home open', async () => {
    const ledger = await openLedger(postgres.url);
    await assertPayloads(ledger);
    await ledger.homeOpened(ana, '2026-11-24T10:00:00.000Z');
    await ledger.homeOpened(ana, '2026-11-24T11:00:00.000Z');
    const opened = { person: ana, openedAt: '2026-11-24T11:00:00.000Z', shown: '' };
    assert.deepEqual(await ledger.homesOpened('2026-11-24T10:30:00.000Z', 5), [opened]);
    assert.equal(await ledger.setShown(ana, 'one'), true);
    assert.equal(await ledger.setShown(ana, 'two', 'another'), false);
    assert.equal(await ledger.setShown(ana, 'two', 'one'), true);
    await ledger.homeOpened(ana, '2026-11-24T11:00:00.000Z');
    const [shown] = await ledger.homesOpened('2026-11-24T10:30:00.000Z', 5);
    assert.equal(shown?.shown, 'two', 'opening it again changes nothing of what it shows');
    await ledger.close();
  });

  it('keeps views of the runs beside the events, which can be made anew, and deleted run by run', async () => {
    const ledger = await openLedger(postgres.url);
    await assertViews(ledger);
    assert.ok((await ledger.runs()).includes('call'));
    await ledger.deleteViews('over');
    await ledger.deleteViews('plan');
    await ledger.deleteViews('call');
    await ledger.close();
  });

  it('knows which runs are not over, or may not show it', async () => {
    const ledger = await openLedger(postgres.url);
    await assertUnsettled(ledger);
    await ledger.close();
  });

  it('knows the runs of a thread', async () => {
    const ledger = await openLedger(postgres.url);
    await ledger.append(threadEntries);
    await assertThreads(ledger);
    await ledger.close();
  });

  it('counts starts within the limits, though several processes count them', async () => {
    const ledgers = await Promise.all([1, 2, 3].map(() => openLedger(postgres.url)));
    await assertLimits(ledgers);
    for (const ledger of ledgers) await ledger.close();
  });

  it('lets one process at a time renew a login', async () => {
    const ledgers = await Promise.all([1, 2, 3].map(() => openLedger(postgres.url)));
    const [ledger] = ledgers;
    const begin = (now: string, until: string) =>
      Promise.all(ledgers.map((each) => each.beginRenewal('tickets', now, until)));
    assert.deepEqual(await begin('2026-11-27T10:00:00', '2026-11-27T10:01:00'), [false, false, false]);
    const login = { keyId: 'k1', data: new Uint8Array([1, 2, 3]) };
    await ledger?.writeLogin('tickets', login);
    const first = await begin('2026-11-27T10:00:00', '2026-11-27T10:01:00');
    assert.equal(first.filter(Boolean).length, 1);
    assert.deepEqual(await begin('2026-11-27T10:00:30', '2026-11-27T10:01:30'), [false, false, false]);
    const afterItsDeath = await begin('2026-11-27T10:02:00', '2026-11-27T10:03:00');
    assert.equal(afterItsDeath.filter(Boolean).length, 1);
    await ledger?.writeLogin('tickets', { ...login, data: new Uint8Array([4]) });
    assert.deepEqual(Array.from((await ledger?.readLogin('tickets'))?.data ?? []), [4]);
    await ledger?.deleteLogin('tickets');
    for (const each of ledgers) await each.close();
  });

  it('erases runs that are over, and their chains hold', async () => {
    const other = postgres.url.replace(/\/postgres$/, '/erased');
    await asOwner('CREATE DATABASE erased');
    const ledger = await openLedger(other);
    await assertErased(ledger);
    await ledger.close();
  });

  it('gives a lease to one process at a time', async () => {
    const ledgers = await Promise.all([1, 2, 3].map(() => openLedger(postgres.url)));
    await assertLeases(ledgers);
    for (const ledger of ledgers) await ledger.close();
  });

  it('gives who follows the entries each once, in one order, though several processes write', async () => {
    const ledgers = await Promise.all([1, 2, 3].map(() => openLedger(postgres.url)));
    await assertSince(ledgers);
    for (const ledger of ledgers) await ledger.close();
  });

  const insertInto = (columns: string, values: string) =>
    `INSERT INTO entries (run_id, sequence, key, kind, at, key_number, data, previous, hash${columns})
      VALUES ('slow', $1::integer, $1::text, 'executed', '2026-11-24T10:00:00.000Z', 1, '{}', '', ''${values})`;

  it('passes over no entry whose transaction ends late', async () => {
    const ledger = await openLedger(postgres.url);
    const begin = await ledger.newestCursor();
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('BEGIN');
    await client.query(insertInto('', ''), [1]);
    await ledger.append([entry('quick', 'quick')]);
    assert.equal((await ledger.read('quick')).length, 1);
    const meanwhile = await ledger.since(begin, 10);
    assert.deepEqual([meanwhile.entries.length, meanwhile.cursor], [0, begin]);
    await client.query('COMMIT');
    await client.end();
    const { entries } = await ledger.since(begin, 10);
    assert.deepEqual(
      entries.map(({ shortId }) => shortId),
      ['slow', 'quick'],
    );
    await ledger.close();
  });

  it('goes on after the newest entry in a server to which a backup was restored', async () => {
    const ledger = await openLedger(postgres.url);
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    // A restored entry has the transaction id of the server from which it came, which is far ahead of this one.
    await client.query(insertInto(', epoch, xid', ", 0, '4000000000'"), [2]);
    await client.end();
    const restored = await ledger.newestCursor();
    await ledger.append([entry('first', 'restored')]);
    await ledger.append([entry('second', 'restored')]);
    const { entries, cursor } = await ledger.since(restored, 10);
    assert.deepEqual(
      entries.map(({ key }) => key),
      ['first', 'second'],
    );
    assert.match(cursor, /^1-/);
    await ledger.close();
  });

  it('finds what came after a cursor without looking through all entries', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    // The table of this test is so small that a scan would be cheaper.
    for (const way of ['seqscan', 'bitmapscan', 'sort']) await client.query(`SET enable_${way} = off`);
    const plans: string[] = [];
    const query: Query = async (sql, args = []) => {
      let count = 0;
      const explained = `EXPLAIN ${sql.replaceAll('?', () => `$${++count}`)}`;
      const { rows } = await client.query(explained, args);
      plans.push(...rows.map((row) => String(row['QUERY PLAN'])));
      return [];
    };
    const { since, newestCursor } = cursorReader({ kind: 'postgres', query });
    await since('0-12345-99', 100);
    await newestCursor();
    await client.end();
    assert.match(plans.join('\n'), /entries_in_order[\s\S]*Index Cond: \(ROW\(epoch, xid, "?position"?\) >/);
    assert.doesNotMatch(plans.join('\n'), /Sort|Seq Scan on entries/);
  });

  it('looks through no table when it appends: the epoch of an entry comes from an index', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query("SELECT prosrc FROM pg_proc WHERE proname = 'entries_epoch'");
    assert.equal(rows.length, 1);
    // A table of a page is read whole where that is allowed.
    await client.query('SET enable_seqscan = off');
    const plan = await client.query(`EXPLAIN ${rows[0].prosrc}`);
    const lines = plan.rows.map((row) => row['QUERY PLAN']).join('\n');
    await client.end();
    assert.match(lines, /Index Only Scan Backward using entries_in_order/);
    assert.doesNotMatch(lines, /Sort/);
  });

  it('goes on after the server was restarted', async () => {
    const ledger = await openLedger(postgres.url);
    await ledger.append([entry('before', 'run9')]);
    await postgres.restart();
    await ledger.append([entry('after', 'run9')]).catch(() => ledger.append([entry('after', 'run9')]));
    assert.equal((await ledger.read('run9')).length, 2);
    await ledger.close();
  });

  it('goes on after a connection was lost in the middle of a transaction', async () => {
    const database = await openDatabase(postgres.url);
    const work = database.transaction(async (query) => {
      const [row] = await query('SELECT pg_backend_pid() AS pid');
      await database.query('SELECT pg_terminate_backend(?)', [Number(row?.pid)]);
      await delay(300);
      await query('SELECT 1');
    });
    await assert.rejects(work);
    assert.equal((await database.query('SELECT 1')).length, 1);
    await database.close();
  });

  it('takes no new user who lacks the rights of the service, and keeps the one before', async () => {
    const database = await openDatabase(postgres.url);
    await asOwner('CREATE ROLE stranger LOGIN');
    await assert.rejects(
      async () => database.useAddress?.(addressFor('stranger')),
      /its user lacks .*entries/,
    );
    await database.useAddress?.(postgres.url);
    assert.equal((await database.query('SELECT 1')).length, 1);
    await database.close();
  });

  /** Runs statements as who owns the tables. */
  async function asOwner(...statements: string[]): Promise<void> {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    for (const sql of statements) await client.query(sql);
    await client.end();
  }
  /** The database's address for another user; no user here needs a password. */
  const addressFor = (user: string) => postgres.url.replace(/\/\/[^@]*@/, `//${user}@`);

  it('needs no more than to select and insert entries, and all rights on the views', async () => {
    await asOwner('CREATE ROLE service LOGIN');
    await migrateLedger(postgres.url, 'service');
    const again = await migrateLedger(postgres.url, 'service');
    assert.deepEqual(again, { version: SCHEMA_VERSION, views: 0 });
    const ledger = await openLedger(addressFor('service'));
    await ledger.append(eventsOf('ours', started(), posted()));
    await ledger.rebuildViews();
    assert.equal((await ledger.view('ours'))?.card?.ts, '1.0');
    await ledger.deleteViews('ours');
    const login = { keyId: 'k1', data: new Uint8Array([1, 2, 3]) };
    await ledger.writeLogin('tickets', login);
    assert.deepEqual(await ledger.readLogin('tickets'), login);
    await ledger.deleteLogin('tickets');
    await ledger.close();
    const client = new pg.Client({ connectionString: addressFor('service') });
    await client.connect();
    for (const sql of ["UPDATE entries SET data = '1'", 'DELETE FROM entries']) {
      await assert.rejects(client.query(sql), /permission denied/);
    }
    await client.end();
  });

  it('is read and verified by a user who may only select', async () => {
    await asOwner(
      'CREATE ROLE auditor LOGIN',
      'GRANT SELECT ON entries, run_keys, schema_version TO auditor',
    );
    const ledger = await openLedgerToRead(addressFor('auditor'));
    const lines: string[] = [];
    await verifyRuns(ledger, { shortId: 'run9', heads: undefined }, (line) => lines.push(line));
    await ledger.close();
    assert.match(lines.join(), /^1 run, 2 entries: every chain holds/);
  });

  it('is looked at without a change, and all rights are named that its user lacks', async () => {
    const well = await examineLedger(addressFor('service'));
    assert.match(well.summary, /^postgres.*, tables of version \d+$/);
    assert.equal(await well.logins?.readLogin('nobody'), undefined);
    await well.close?.();
    await assert.rejects(
      examineLedger(addressFor('auditor')),
      /this user lacks INSERT on entries, .*DELETE on leases\. Run "countersign migrate --grant-to <this user>"/,
    );
  });

  it('grants nothing to a user who is not there, and says what to do', async () => {
    await assert.rejects(
      migrateLedger(postgres.url, 'nobody "at" all'),
      /^ConfigError: --grant-to: .*role .* does not exist.*Create the user first/,
    );
  });

  it('says who can make the tables, where this user can’t', async () => {
    await asOwner('CREATE DATABASE empty', 'CREATE ROLE nobody LOGIN');
    const url = (user: string) => addressFor(user).replace(/\/postgres$/, '/empty');
    await assert.rejects(openLedger(url('nobody')), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(
        error.message,
        /^DATABASE_URL: .*permission denied.*Run "countersign migrate" once as a database user/,
      );
      return true;
    });
    await assert.rejects(
      examineLedger(url('nobody')),
      /this user may not make them\. Run "countersign migrate" once as a database user/,
    );
    const empty = await examineLedger(postgres.url.replace(/\/postgres$/, '/empty'));
    await empty.close?.();
    assert.match(empty.summary, /without tables yet; the first start makes them$/);
    await assert.rejects(openLedgerToRead(url('nobody')), /can't be read \(none of its tables is there\)/);
    await assert.rejects(openLedgerToRead(addressFor('nobody')), /can't be read \(permission denied/);
  });

  it('puts a run on record whose place no index would take', async () => {
    const ledger = await openLedger(postgres.url);
    const channel = randomBytes(8_000).toString('hex');
    await ledger.append(
      eventsOf('forged', started({ channel, thread: '1.0' }), posted({ channel: 'C1', ts: '\u0000' })),
    );
    assert.equal((await ledger.read('forged')).length, 2);
    await ledger.close();
  });

  it('names DATABASE_URL, and not the password, when it can’t be reached', async () => {
    const closed = postgres.url.replace(/:\d+\//, ':1/');
    await assert.rejects(openLedger(closed), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /^DATABASE_URL: .*Check the address/);
      assert.doesNotMatch(error.message, /sesame/);
      return true;
    });
  });

  it('works on the tables of a later version, so that a deploy can be rolled back', async () => {
    const ledger = await openLedger(postgres.url);
    await ledger.append(eventsOf('before', started()));
    await asOwner(...LATER_TABLES);
    await assertRolledBack(ledger, postgres.url);
    await ledger.close();
  });

  it('ends a statement that hangs, and the next writer of its run goes on', async () => {
    const database = await openDatabase(postgres.url);
    const timeout = async (isLong: boolean) => {
      const [row] = await database.transaction((query) => query('SHOW statement_timeout'), ['hangs'], {
        isLong,
      });
      return row?.statement_timeout;
    };
    assert.deepEqual([await timeout(false), await timeout(true)], ['20s', '0']);
    const hang = database.transaction((query) => query('SELECT pg_sleep(60)'), ['hangs']);
    const ended = assert.rejects(hang, /canceling statement/);
    await asOwner(
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity, pg_sleep(0.3) WHERE query LIKE 'SELECT pg_sleep(60)%'",
    );
    await ended;
    await database.transaction((query) => query('SELECT 1'), ['hangs']);
    await database.close();
  });

  it('leaves a database alone on which only later versions work', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('INSERT INTO schema_version (version, oldest) VALUES (999, 999)');
    await client.end();
    await assert.rejects(openLedger(postgres.url), /a later version of Countersign/);
  });
});
