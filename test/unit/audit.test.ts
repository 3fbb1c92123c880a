import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createClient } from '@libsql/client';
import { exportRuns, showRun, verifyRuns } from '../../src/audit.js';
import { CountersignError } from '../../src/core/errors.js';
import type { Checkpoint, LedgerHead } from '../../src/core/run.js';
import { withoutPassword } from '../../src/ledger/database.js';
import { type Ledger, openLedger } from '../../src/ledger/index.js';
import { ana, ben, decision } from '../support/samples.js';

const entry = (runId: string, key: string, kind: Checkpoint['kind'], data: unknown): Checkpoint => ({
  runId,
  key,
  kind,
  at: '2026-11-24T10:00:00.000Z',
  data,
});

const story = (runId: string) => [
  entry(runId, '1', 'started', { goal: '=HYPERLINK("https://evil.example")', requester: ana }),
  entry(runId, '2', 'voted', { decision: decision({ by: ben, note: 'a "quote", a comma\nand a line' }) }),
  entry(runId, '3', 'ended', { state: 'completed' }),
];

describe('the ledger’s audit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  after(() => rmSync(folder, { recursive: true }));
  let count = 0;
  let url = '';
  let ledger: Ledger;
  let heads: Map<string, LedgerHead>;
  before(() => fresh());
  const fresh = async () => {
    count += 1;
    url = `file:${join(folder, `ledger${count}.db`)}`;
    ledger = await openLedger(url);
    heads = await ledger.append([...story('run1'), ...story('run2')]);
  };

  /** Changes the database as its owner can: the triggers go first. */
  async function tamper(...statements: string[]): Promise<void> {
    const client = createClient({ url });
    for (const verb of ['update', 'delete'])
      await client.execute(`DROP TRIGGER IF EXISTS checkpoints_no_${verb}`);
    for (const statement of statements) await client.execute(statement);
    client.close();
  }

  async function verify(options: { runId?: string; heads?: typeof heads } = {}): Promise<[boolean, string]> {
    const lines: string[] = [];
    const holds = await verifyRuns(ledger, { runId: options.runId, heads: options.heads }, (line) =>
      lines.push(line),
    );
    return [holds, lines.join('\n')];
  }

  it('refuses to change or delete what is written', async () => {
    const client = createClient({ url });
    await assert.rejects(client.execute("UPDATE checkpoints SET data = '1'"), /append only/);
    await assert.rejects(client.execute('DELETE FROM checkpoints'), /append only/);
    client.close();
  });

  it('finds that all holds, and says what it was compared with', async () => {
    assert.deepEqual(await verify({ heads }), [
      true,
      '2 runs, 6 entries: every chain holds; 2 compared with where they ended according to what is kept outside the database.',
    ]);
    const [holds, words] = await verify();
    assert.ok(holds);
    assert.match(words, /a cut tail or a rewritten chain would not show/);
  });

  const changes: [string, string[], RegExp][] = [
    [
      'a changed entry',
      [`UPDATE checkpoints SET data = '{}' WHERE run_id = 'run1' AND sequence = 2`],
      /Run run1: entry 2 \(voted, .*\) was changed/,
    ],
    [
      'an entry that is out',
      ["DELETE FROM checkpoints WHERE run_id = 'run1' AND sequence = 2"],
      /Run run1: entry 2 is missing/,
    ],
    [
      'a broken link',
      ["UPDATE checkpoints SET previous = 'x' WHERE run_id = 'run2' AND sequence = 3"],
      /Run run2: entry 3 \(ended, .*\) does not follow/,
    ],
    [
      'data that is no JSON any more',
      ["UPDATE checkpoints SET data = 'oops' WHERE run_id = 'run1' AND sequence = 1"],
      /Run run1: entry 1/,
    ],
  ];
  for (const [what, statements, message] of changes) {
    it(`names the first broken link: ${what}`, async () => {
      await fresh();
      await tamper(...statements);
      const [holds, words] = await verify();
      assert.ok(!holds);
      assert.match(words, message);
    });
  }

  it('names a cut tail, which only what is kept outside can show', async () => {
    await fresh();
    await tamper("DELETE FROM checkpoints WHERE run_id = 'run1' AND sequence = 3");
    assert.ok((await verify())[0], 'by itself the chain holds');
    const [holds, words] = await verify({ heads });
    assert.ok(!holds);
    assert.match(words, /Run run1: the tail is cut: there are 2 entries, and there were 3/);
  });

  it('names a chain that was rewritten from its beginning, and one that is gone', async () => {
    await fresh();
    await tamper("DELETE FROM checkpoints WHERE run_id = 'run1'");
    assert.match((await verify({ heads }))[1], /Run run1: the ledger has nothing of it/);
    const [first, second, third] = story('run1');
    assert.ok(first && second && third);
    await ledger.append([first, { ...second, data: { decision: decision({ by: ana }) } }, third]);
    assert.ok((await verify())[0], 'by itself the new chain holds');
    const [holds, words] = await verify({ heads });
    assert.ok(!holds);
    assert.match(words, /Run run1: the chain was rewritten: entry 3/);
  });

  it('takes the hash on a finished card, or its beginning, and lets the chain go on after it', async () => {
    await fresh();
    const hash = heads.get('run1')?.hash.slice(0, 32) ?? '';
    await ledger.append([entry('run1', 'repaired/3', 'repaired', {})]);
    const byCard = (shown: string) =>
      verifyRuns(ledger, { runId: 'run1', heads: new Map([['run1', { hash: shown }]]) }, () => {});
    assert.ok(await byCard(hash));
    assert.ok(!(await byCard('0'.repeat(32))));
    assert.ok((await verify({ runId: 'run1', heads }))[0], 'what came after the head is no flaw');
    assert.ok(!(await verify({ runId: 'nobody' }))[0], 'there is no such run');
  });

  it('prints a run, and exports all as JSON lines or CSV that a spreadsheet can open safely', async () => {
    await fresh();
    const lines: string[] = [];
    await showRun(ledger, 'run1', (line) => lines.push(line));
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).kind),
      ['started', 'voted', 'ended'],
    );
    const csv: string[] = [];
    await exportRuns(ledger, { format: 'csv' }, (line) => csv.push(line));
    assert.equal(csv[0], 'run,sequence,at,kind,who,key,data,previous,hash');
    assert.equal(csv.length, 7);
    assert.match(csv[2] ?? '', /^run1,2,2026-11-24T10:00:00.000Z,voted,T1\/UBEN,2,"\{""decision"":/);
    const jsonl: string[] = [];
    await exportRuns(ledger, { format: 'jsonl', runId: 'run2' }, (line) => jsonl.push(line));
    assert.equal(jsonl.length, 3);
    await assert.rejects(
      exportRuns(ledger, { format: 'xml' }, () => {}),
      CountersignError,
    );
    await assert.rejects(
      showRun(ledger, 'nobody', () => {}),
      /knows no run/,
    );
  });
});

describe('a database’s address', () => {
  it('is shown without its password', () => {
    assert.equal(
      withoutPassword('postgres://me:secret@db.example/ledger'),
      'postgres://me:…@db.example/ledger',
    );
    assert.equal(
      withoutPassword('postgres://db.example/x?user=me&password=secret'),
      'postgres://db.example/x?user=me',
    );
    assert.equal(withoutPassword('file:data/ledger.db'), 'file:data/ledger.db');
  });
});
