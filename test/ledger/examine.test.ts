import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createClient } from '@libsql/client';
import { examineLedger, openLedger } from '../../src/ledger/index.js';

describe('a look at the ledger', () => {
  const folder = mkdtempSync(join(tmpdir(), 'examine-'));
  after(() => rmSync(folder, { recursive: true }));

  it('says that a file is not there yet, and makes nothing', async () => {
    const { summary, close, logins } = await examineLedger(`file:${folder}/data/ledger.db`);
    assert.match(summary, /data\/ledger\.db is not there yet; the first start makes it$/);
    assert.deepEqual([close, logins, readdirSync(folder)], [undefined, undefined, []]);
  });

  it('names a folder in which no file can be made', async () => {
    writeFileSync(join(folder, 'no-folder'), '');
    await assert.rejects(
      examineLedger(`file:${folder}/no-folder/ledger.db`),
      /^ConfigError: DATABASE_URL: .*nothing may be written in .*no-folder\.$/,
    );
  });

  it('leaves a file without tables, and one with older tables, as they are', async () => {
    const file = join(folder, 'older.db');
    writeFileSync(file, '');
    const empty = await examineLedger(`file:${file}`);
    await empty.close?.();
    assert.match(empty.summary, /without tables yet; the first start makes them$/);
    assert.equal(readFileSync(file).length, 0);
    const client = createClient({ url: `file:${file}` });
    await client.execute('CREATE TABLE schema_version (version INTEGER NOT NULL, oldest INTEGER NOT NULL)');
    await client.execute('INSERT INTO schema_version VALUES (0, 0)');
    await client.execute('CREATE TABLE leases (name TEXT)');
    const older = await examineLedger(`file:${file}`);
    await older.close?.();
    assert.match(older.summary, /tables of version 0; the next start brings them to version \d+$/);
    assert.equal(older.logins, undefined);
    const { rows } = await client.execute("SELECT name FROM sqlite_master WHERE type = 'table'");
    assert.deepEqual(
      rows.map(({ name }) => name),
      ['schema_version', 'leases'],
    );
    client.close();
  });

  it('takes the tables of this version, with their logins', async () => {
    mkdirSync(join(folder, 'now'));
    const url = `file:${folder}/now/ledger.db`;
    await (await openLedger(url)).close();
    const { summary, logins, close } = await examineLedger(url);
    assert.match(summary, /, tables of version \d+$/);
    assert.equal(await logins?.readLogin('nobody'), undefined);
    await close?.();
    assert.ok(existsSync(join(folder, 'now/ledger.db')));
  });

  it('names a file that another process holds for writing for too long', async () => {
    const url = `file:${folder}/now/ledger.db`;
    const other = createClient({ url });
    const held = await other.transaction('write');
    await assert.rejects(examineLedger(url), /could not use the ledger.*(locked|busy)/i);
    held.close();
    other.close();
  });
});
