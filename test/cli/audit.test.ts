import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createClient } from '@libsql/client';
import { exportRuns, headOf, type OutsideHeads, showRun, verifyRuns } from '../../src/cli/ledger/ledger.js';
import { withoutPassword } from '../../src/ledger/database/database.js';
import { type Ledger, openLedger } from '../../src/ledger/index.js';
import type { Checkpoint, KeptHead, LedgerHead, RunEvent } from '../../src/run/event.js';
import { completed, ended as endedBy } from '../support/ledger/end-events.js';
import { started } from '../support/ledger/events.js';
import { decided } from '../support/ledger/request-events.js';
import { ana, ben, decision } from '../support/samples.js';

type Heads = OutsideHeads['listed'];

const entry = (shortId: string, key: string, event: RunEvent): Checkpoint => ({
  ...event,
  shortId,
  key,
  at: '2026-11-24T10:00:00.000Z',
});
const vote = (by = ben, note = ''): RunEvent => ({
  kind: 'voted',
  data: { request: 'request-1', item: 'plan', decision: decision({ by, note }), votes: 1, of: 2 },
});
const refused: RunEvent = { kind: 'refused', data: { reason: 'malformed' } };
const repaired: RunEvent = { kind: 'repaired', data: { messages: [], state: 'gone' } };
const unshown: RunEvent = {
  kind: 'unshown',
  data: { message: { channel: 'C1', ts: '1.0' }, state: { kind: 'expired', at: '' } },
};

const story = (shortId: string): [Checkpoint, Checkpoint, Checkpoint] => [
  entry(shortId, '1', started({ goal: '=HYPERLINK("https://evil.example")' })),
  entry(shortId, '2', vote(ben, 'a "quote", a comma\nand a line')),
  entry(shortId, '3', completed),
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
      await client.execute(`DROP TRIGGER IF EXISTS entries_no_${verb}`);
    for (const statement of statements) await client.execute(statement);
    client.close();
  }

  async function verify(
    options: { shortId?: string; heads?: Heads; exact?: OutsideHeads['exact'] } = {},
  ): Promise<[boolean, string]> {
    const lines: string[] = [];
    const holds = await verifyRuns(
      ledger,
      {
        shortId: options.shortId,
        heads: options.heads && { listed: options.heads, ...(options.exact && { exact: options.exact }) },
      },
      (line) => lines.push(line),
    );
    return [holds, lines.join('\n')];
  }

  it('refuses to change or delete what is written', async () => {
    const client = createClient({ url });
    await assert.rejects(client.execute("UPDATE entries SET data = '1'"), /append only/);
    await assert.rejects(client.execute('DELETE FROM entries'), /append only/);
    for (const [sequence, key] of [
      [1, 'another key'],
      [99, '1'],
    ] as const) {
      const sql =
        "INSERT OR REPLACE INTO entries VALUES (NULL, 'run1', ?, ?, 'ended', '2026', 1, '{}', '', '')";
      await assert.rejects(client.execute({ sql, args: [sequence, key] }), /append only/);
    }
    const before = await client.execute('SELECT * FROM entries');
    for (const position of [1, -1, 0]) {
      const sql = `INSERT OR REPLACE INTO entries (position, run_id, sequence, key, kind, at, key_number, data, previous, hash)
        VALUES (?, 'run9', 1, 'k', 'ended', '2026', 1, '{}', '', '')`;
      await assert.rejects(client.execute({ sql, args: [position] }), /append only/);
    }
    assert.deepEqual((await client.execute('SELECT * FROM entries')).rows, before.rows);
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
      [`UPDATE entries SET data = '{}' WHERE run_id = 'run1' AND sequence = 2`],
      /Run run1: entry 2 \(voted, .*\) was changed/,
    ],
    [
      'an entry that is out',
      ["DELETE FROM entries WHERE run_id = 'run1' AND sequence = 2"],
      /Run run1: entry 2 is missing/,
    ],
    [
      'a broken link',
      ["UPDATE entries SET previous = 'x' WHERE run_id = 'run2' AND sequence = 3"],
      /Run run2: entry 3 \(ended, .*\) does not follow/,
    ],
    [
      'data that is no JSON any more',
      ["UPDATE entries SET data = 'oops' WHERE run_id = 'run1' AND sequence = 1"],
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
    await tamper("DELETE FROM entries WHERE run_id = 'run1' AND sequence = 3");
    assert.ok((await verify())[0], 'by itself the chain holds');
    const [holds, words] = await verify({ heads });
    assert.ok(!holds);
    assert.match(words, /Run run1: the tail is cut: there are 2 entries, and there were 3/);
  });

  it('names a chain that was rewritten from its beginning, and one that is gone', async () => {
    await fresh();
    await tamper("DELETE FROM entries WHERE run_id = 'run1'");
    assert.match((await verify({ heads }))[1], /Run run1: the ledger has nothing of it/);
    const [first, second, third] = story('run1');
    await ledger.append([first, { ...second, ...vote(ana) }, third]);
    assert.ok((await verify())[0], 'by itself the new chain holds');
    const [holds, words] = await verify({ heads });
    assert.ok(!holds);
    assert.match(words, /Run run1: the chain was rewritten: entry 3/);
  });

  /** Where run1 ended, by what says so. */
  const ended = (end: KeptHead['end']): Heads => {
    const head = heads.get('run1');
    assert.ok(head);
    return new Map([['run1', { ...head, ...(end && { end }) }]]);
  };

  it('lists late clicks and repairs after a run’s end, and flags a vote that was chained to it', async () => {
    await fresh();
    const head = ended('memo');
    await ledger.append([
      entry('run1', 'repaired/3', repaired),
      entry('run1', 'late/T1/UBEN/reject/1', refused),
      entry('run1', 'late/T1/UBEN/reject/2', refused),
    ]);
    const [holds, words] = await verify({ shortId: 'run1', heads: head });
    assert.ok(holds, words);
    assert.match(words, /^Run run1: after its end came 1 repaired, 2 refused\.$/m);
    await ledger.append([entry('run1', 'forged', vote())]);
    const [still, flagged] = await verify({ shortId: 'run1', heads: head });
    assert.ok(!still);
    assert.match(
      flagged,
      /Run run1: entry 7 \(voted, .*\) does not belong there: the run was over at entry 3\./,
    );
  });

  it('takes the end of a run that could not write it itself, once', async () => {
    await fresh();
    const early = await ledger.append(story('run3').slice(0, 2));
    const end: Heads = new Map([['run3', { sequence: 2, hash: early.get('run3')?.hash ?? '', end: 'memo' }]]);
    await ledger.append([entry('run3', 'end/1', completed)]);
    assert.ok((await verify({ shortId: 'run3', heads: end }))[0]);
    await ledger.append([entry('run1', 'forged', endedBy())]);
    assert.ok(!(await verify({ shortId: 'run1', heads: ended('memo') }))[0]);
  });

  it('counts what is newer than the memo of a run that goes on', async () => {
    await fresh();
    await ledger.append([entry('run1', '4', vote()), entry('run1', '5', decided('approve'))]);
    const [holds, words] = await verify({ heads: ended(undefined) });
    assert.ok(holds, words);
    assert.match(words, /Of runs that go on, or were ended from outside, 2 entries are newer than that\.$/);
  });

  it('asks for the exact end before an alarm, and only then: a list of Temporal’s may be behind', async () => {
    await fresh();
    const whole = heads.get('run1');
    const [first] = await ledger.stored('run1');
    assert.ok(whole && first);
    const behind: Heads = new Map([['run1', { sequence: 1, hash: first.hash, end: 'memo' }]]);
    const alarmed = /Run run1: entry 2 \(voted, .*\) does not belong there/;
    assert.match((await verify({ shortId: 'run1', heads: behind }))[1], alarmed);
    const asked: string[] = [];
    const exactly = (head: KeptHead | undefined) => async (shortId: string) => {
      asked.push(shortId);
      return head;
    };
    const exact = exactly({ ...whole, end: 'memo' });
    assert.ok((await verify({ shortId: 'run1', heads: behind, exact }))[0]);
    assert.ok((await verify({ shortId: 'run1', heads: ended('memo'), exact }))[0]);
    assert.deepEqual(asked, ['run1'], 'nothing is asked where nothing is wrong');

    const again = await verify({ shortId: 'run1', heads: behind, exact: exactly(undefined) });
    assert.match(again[1], /every chain holds.* 2 entries are newer than that/, 'it was just tried again');
    const cut: Heads = new Map([['run1', { sequence: 4, hash: whole.hash }]]);
    assert.ok(!(await verify({ shortId: 'run1', heads: cut, exact: exactly(undefined) }))[0]);
  });

  it('takes what a finished card shows: the entry, and 32 characters of its hash or more', async () => {
    await fresh();
    const hash = heads.get('run1')?.hash ?? '';
    await ledger.append([entry('run1', '4', unshown), entry('run1', 'repaired/4', repaired)]);
    const byCard = async (shown: string) =>
      (await verify({ shortId: 'run1', heads: new Map([['run1', headOf(shown)]]) }))[0];
    assert.ok(await byCard(`3:${hash.slice(0, 32)}`));
    assert.ok(await byCard(`3:${hash.toUpperCase()}`));
    assert.ok(!(await byCard(`2:${hash}`)), 'the hash is another entry’s');
    assert.ok(!(await byCard(`3:${'0'.repeat(32)}`)));
    assert.ok(!(await byCard(`30:${hash}`)));
    const [first] = await ledger.stored('run1');
    assert.ok(!(await byCard(`1:${first?.hash}`)), 'the run had not ended there');
    for (const wrong of ['f', hash, `3:${hash.slice(0, 31)}`, `0:${hash}`, `3:${'x'.repeat(32)}`, '3:']) {
      assert.throws(() => headOf(wrong), /^CountersignError: --head: give the entry and its hash/);
    }
    await ledger.append([entry('run1', '6', started())]);
    const [, words] = await verify({ shortId: 'run1', heads: new Map([['run1', headOf(`3:${hash}`)]]) });
    assert.match(
      words,
      /entry 6 \(started, .*If the run was retried since, use the hash that its card shows/,
    );
  });

  it('says when there is no such run, or none at all, and which memo can’t be read', async () => {
    await fresh();
    const [holds, words] = await verify({
      heads: new Map([['run2', { unreadable: 'the key\u001b[2K is away' }]]),
    });
    assert.ok(!holds);
    assert.match(
      words,
      /^Run run2: where it ended can't be read in Temporal's memo: the key\?\[2K is away\.$/m,
    );
    assert.ok(!(await verify({ shortId: 'nobody' }))[0], 'there is no such run');
    const empty = await openLedger(`file:${join(folder, 'empty.db')}`);
    const lines: string[] = [];
    await verifyRuns(empty, { heads: undefined }, (line) => lines.push(line));
    await empty.close();
    assert.deepEqual(lines, ['The ledger has no run, so there is nothing to check.']);
  });

  it('names an entry that was put under a key of ours, and has ours beside it', async () => {
    await fresh();
    const forged = entry('run1', 'attempt/7', refused);
    const ours = entry('run1', 'attempt/7', vote());
    await ledger.append([forged]);
    await ledger.append([ours]);
    const [holds, words] = await verify();
    assert.ok(!holds);
    assert.match(
      words,
      /Run run1: entry 4 \(refused, .*\) was written by somebody else: it has the key of entry 5 \(voted, /,
    );
  });

  it('writes nothing to the terminal that acts on it', async () => {
    await fresh();
    await tamper("UPDATE entries SET kind = 'a' || char(27) || '[1A' WHERE run_id = 'run2' AND sequence = 2");
    const [, words] = await verify();
    assert.match(words, /^Run run2: entry 2 \(a\?\[1A, .*\) was changed\.$/m);
  });

  it('verifies, prints and exports an entry that is no event of ours, and names it', async () => {
    await fresh();
    const strange = { ...vote(), kind: 'dreamt' } as unknown as RunEvent;
    await ledger.append([entry('run1', '4', strange)]);
    const [holds, words] = await verify();
    assert.ok(holds, words);
    await tamper("UPDATE entries SET data = 'oops' WHERE run_id = 'run1' AND sequence = 2");
    assert.match((await verify())[1], /Run run1: entry 2 \(voted, .*\) was changed/);
    const lines: string[] = [];
    await showRun(ledger, 'run1', (line) => lines.push(line));
    const shown = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      shown.map(({ kind, foreign }) => [kind, foreign]),
      [
        ['started', undefined],
        ['voted', 'it was not sealed with the key of its run'],
        ['ended', undefined],
        ['dreamt', 'no kind of event that this version knows'],
      ],
    );
    assert.deepEqual([shown[1].data, shown[1].sealed], ['', 'oops']);
    const csv: string[] = [];
    await exportRuns(ledger, { format: 'csv', shortId: 'run1' }, (line) => csv.push(line));
    assert.match(csv[2] ?? '', /^run1,2,.*,voted,,2,,/);
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
    assert.match(csv[2] ?? '', /^run1,2,2026-11-24T10:00:00.000Z,voted,T1\/UBEN,2,"\{""request"":/);
    const jsonl: string[] = [];
    await exportRuns(ledger, { format: 'jsonl', shortId: 'run2' }, (line) => jsonl.push(line));
    assert.equal(jsonl.length, 3);
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
    for (const url of [
      'postgres://svc:abc/SECRET@host/x',
      'postgres://svc:12/SECRET@host/x',
      'postgres://svc:p?SECRET@host/x',
      'postgres://svc#SECRET@host/x',
      'postgres://svc:%zz@SECRET@host/x',
      'postgres://svc:SECRET',
      'postgres://host/x?sslpassword=SECRET&user=me',
      'file:data/ledger.db?authToken=SECRET',
    ])
      assert.doesNotMatch(withoutPassword(url), /SECRET/);
  });
});
