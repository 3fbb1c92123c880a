import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createClient } from '@libsql/client';
import pg from 'pg';
import { verifyRuns } from '../../src/cli/ledger/ledger.js';
import { type Ledger, openLedger } from '../../src/ledger/index.js';
import { migrateLedger } from '../../src/ledger/upkeep/migrate.js';
import { completed } from '../support/ledger/end-events.js';
import { eventsOf, started } from '../support/ledger/events.js';
import { postgresPath, startPostgres } from '../support/ledger/postgres.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const over = (run: string) => eventsOf(run, started({ goal: 'the secret goal' }), completed);

/** Adds a run, and asserts that the ledger has `kept`, and can read nothing of `gone`. */
async function assertRestored(ledger: Ledger, kept: string[], gone: string[]): Promise<void> {
  await ledger.append(over('next'));
  for (const run of [...kept, 'next']) assert.equal((await ledger.view(run))?.state, 'completed', run);
  for (const run of gone) assert.deepEqual(await ledger.read(run), [], run);
  const lines: string[] = [];
  assert.ok(await verifyRuns(ledger, { heads: undefined }, (line) => lines.push(line)), lines.join('\n'));
  assert.equal(lines.filter((line) => /: erased on /.test(line)).length, gone.length);
}

const skip = postgresPath() ? false : 'there is no PostgreSQL here: install it, or set POSTGRES_BIN';

describe('a backup of PostgreSQL, by the commands of docs/backup.md', { skip }, () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let other: Awaited<ReturnType<typeof startPostgres>>;
  const folder = mkdtempSync(join(tmpdir(), 'backup-'));
  const [whole, archive] = [join(folder, 'whole.dump'), join(folder, 'archive.dump')];
  const tool = (name: string, ...args: string[]) =>
    execFileSync(join(postgresPath() ?? '', name), args, { stdio: ['ignore', 'inherit', 'inherit'] });
  let cursor = '';
  before(async () => {
    postgres = await startPostgres();
    other = await startPostgres();
    const ledger = await openLedger(postgres.url);
    await ledger.append([...over('old'), ...over('young')]);
    // Archived before its erasure; the keys are those of later.
    tool('pg_dump', '--format=custom', '--data-only', '--table=entries', `--file=${archive}`, postgres.url);
    await ledger.erase(['old']);
    cursor = await ledger.newestCursor();
    await ledger.close();
    tool('pg_dump', '--format=custom', `--file=${whole}`, postgres.url);
  });
  after(async () => {
    await postgres?.stop();
    await other?.stop();
    rmSync(folder, { recursive: true });
  });
  const empty = async (name: string) => {
    const client = new pg.Client({ connectionString: other.url });
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    return other.url.replace(/\/postgres$/, `/${name}`);
  };

  it('restores all in another server, where readers go on after their cursor', async () => {
    const url = await empty('whole');
    tool('pg_restore', '--no-owner', '--no-privileges', `--dbname=${url}`, whole);
    await migrateLedger(url);
    const ledger = await openLedger(url);
    await assertRestored(ledger, ['young'], ['old']);
    const { entries } = await ledger.since(cursor, 10);
    assert.deepEqual(
      entries.map(({ shortId }) => shortId),
      ['next', 'next'],
    );
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await assert.rejects(client.query('DELETE FROM entries'), /append only/);
    await client.end();
    await ledger.close();
  });

  it('restores an archive with newer keys, and nothing that was erased meanwhile', async () => {
    const url = await empty('archived');
    await migrateLedger(url);
    tool('pg_restore', '--data-only', `--dbname=${url}`, archive);
    tool('pg_restore', '--data-only', '--table=run_keys', `--dbname=${url}`, whole);
    assert.equal((await migrateLedger(url)).views, 1);
    const ledger = await openLedger(url);
    await assertRestored(ledger, ['young'], ['old']);
    await ledger.close();
  });
});

describe('a backup of SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backup-'));
  after(() => rmSync(folder, { recursive: true }));

  it('is made while the service runs, and restored by taking the place of the file', async () => {
    const url = `file:${join(folder, 'ledger.db')}`;
    const ledger = await openLedger(url);
    await ledger.append([...over('old'), ...over('young')]);
    await ledger.erase(['old']);
    const client = createClient({ url });
    await client.execute(`VACUUM INTO '${join(folder, 'whole.db')}'`);
    client.close();
    await ledger.append(over('lost'));
    await ledger.close();
    copyFileSync(join(folder, 'whole.db'), join(folder, 'restored.db'));
    const restored = await openLedger(`file:${join(folder, 'restored.db')}`);
    await assertRestored(restored, ['young'], ['old']);
    assert.deepEqual(await restored.stored('lost'), []);
    await restored.close();
  });

  it('is archived without what was erased since, by the statements of docs/backup.md', async () => {
    const url = `file:${join(folder, 'archived.db')}`;
    const ledger = await openLedger(url);
    await ledger.append(over('old'));
    await ledger.homeOpened({ user: 'U1', team: 'T1' }, new Date().toISOString());
    await ledger.close();
    const [, statements = ''] = /sqlite3 archive.db "(PRAGMA[^"]*)"/.exec(read('docs/backup.md')) ?? [];
    const client = createClient({ url });
    for (const statement of statements.split(';')) await client.execute(statement);
    const { rows: tables } = await client.execute("SELECT name FROM sqlite_master WHERE type = 'table'");
    for (const { name } of tables) {
      const { rows } = await client.execute(`SELECT count(*) AS rows FROM ${name}`);
      const isKept = name === 'entries' || name === 'schema_version';
      assert.equal(Number(rows[0]?.rows) > 0, isKept, String(name));
    }
    client.close();
    const file = readFileSync(join(folder, 'archived.db'));
    assert.ok(!file.includes('the secret goal'));
  });
});
