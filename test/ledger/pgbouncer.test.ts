import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { verifyRuns } from '../../src/cli/ledger/ledger.js';
import { openDatabase } from '../../src/ledger/database/database.js';
import { type Ledger, openLedger } from '../../src/ledger/index.js';
import { migrateLedger } from '../../src/ledger/upkeep/migrate.js';
import { assertErased } from '../support/ledger/erased.js';
import { eventsOf, posted, started } from '../support/ledger/events.js';
import { assertLeases } from '../support/ledger/leases.js';
import { assertLimits } from '../support/ledger/limits.js';
import { pgbouncerPath, startPgbouncer } from '../support/ledger/pgbouncer.js';
import { postgresPath, startPostgres } from '../support/ledger/postgres.js';
import { assertSince } from '../support/ledger/since.js';
import { startStack } from '../support/product/stack.js';
import { cardOf, startRun, WAITING } from '../support/slack/people.js';

const missing = !(postgresPath() && pgbouncerPath());
const skip = missing
  ? 'there is no PostgreSQL and PgBouncer here: install them, or set POSTGRES_BIN and PGBOUNCER_BIN'
  : false;

describe('the ledger behind PgBouncer in transaction mode', { skip }, () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let pgbouncer: Awaited<ReturnType<typeof startPgbouncer>>;
  before(async () => {
    postgres = await startPostgres();
    pgbouncer = await startPgbouncer(postgres.url, ['countersign', 'service']);
  });
  after(async () => {
    await pgbouncer?.stop();
    await postgres?.stop();
  });

  const withLedgers = async (work: (ledgers: Ledger[]) => Promise<void>) => {
    const ledgers = await Promise.all([1, 2, 3].map(() => openLedger(pgbouncer.url)));
    await work(ledgers);
    for (const ledger of ledgers) await ledger.close();
  };

  it('makes its tables once, though several processes start at the same time', () =>
    withLedgers(async () => {}));

  it('keeps each chain whole while several processes write the same runs', () =>
    withLedgers(async (ledgers) => {
      const story = eventsOf(
        'run1',
        started(),
        ...Array.from({ length: 20 }, (_, index) => posted({ channel: 'C1', ts: `${index}.0` })),
      );
      await Promise.all(ledgers.flatMap((ledger) => story.map((event) => ledger.append([event]))));
      const [ledger] = ledgers;
      assert.ok(ledger);
      assert.equal((await ledger.read('run1')).length, 21);
      assert.ok(await verifyRuns(ledger, { heads: undefined }, () => {}));
    }));

  it('gives leases, counts starts, and gives who follows the entries each once', () =>
    withLedgers(async (ledgers) => {
      await assertLeases(ledgers);
      await assertLimits(ledgers);
      await assertSince(ledgers);
    }));

  it('erases runs', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('CREATE DATABASE erased');
    await client.end();
    const ledger = await openLedger(pgbouncer.url.replace(/\/postgres$/, '/erased'));
    await assertErased(ledger);
    await ledger.close();
  });

  it('bounds the statements of a transaction, and leaves no setting behind for the next client', async () => {
    const database = await openDatabase(pgbouncer.url);
    const show = 'SHOW statement_timeout';
    const [inside] = await database.transaction((query) => query(show));
    const outside = await Promise.all([1, 2, 3, 4].map(() => database.query(show)));
    await database.close();
    assert.equal(inside?.statement_timeout, '20s');
    assert.deepEqual(new Set(outside.map(([row]) => row?.statement_timeout)), new Set(['0']));
  });

  it('carries the whole product, with a user who owns no table', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('CREATE ROLE service LOGIN');
    await client.end();
    await migrateLedger(postgres.url, 'service');
    const url = pgbouncer.url.replace(/\/\/[^@]*@/, '//service@');
    const stack = await startStack({ env: { DATABASE_URL: url } });
    const { workspace } = stack;
    const { general } = workspace.channels;
    const person = workspace.people.ana;
    const shortId = await startRun(workspace, person, general, 'keep it in Postgres');
    await workspace.as(person).openHome();
    await workspace.waitFor(() => /keep it in Postgres/i.test(JSON.stringify(workspace.home(person) ?? '')), {
      what: 'the run in App Home',
    });
    await workspace.as(person).click(await cardOf(workspace, general, shortId, WAITING), 'Approve');
    await cardOf(workspace, general, shortId, /^Done/);
    await stack.stop();
    const ledger = await openLedger(url);
    const kinds = (await ledger.read(shortId)).map(({ kind }) => kind);
    assert.equal(kinds[0], 'started');
    assert.equal(kinds.at(-1), 'ended');
    await ledger.close();
  });
});
