import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { followEntries } from '../../src/cli/ledger/follow.js';
import { BEGINNING, type Ledger, openLedger } from '../../src/ledger/index.js';
import { completed } from '../support/ledger/end-events.js';
import { eventsOf, posted, started } from '../support/ledger/events.js';
import { commandLine } from '../support/product/built.js';

describe('countersign ledger export --since --follow', () => {
  const folder = mkdtempSync(join(tmpdir(), 'follow-'));
  const url = `file:${join(folder, 'ledger.db')}`;
  const env = { PATH: process.env.PATH, DATABASE_URL: url };
  let ledger: Ledger;
  before(async () => {
    ledger = await openLedger(url);
    await ledger.append(eventsOf('run1', started(), posted()));
  });
  after(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true });
  });
  const run = (...args: string[]) =>
    spawnSync(process.execPath, commandLine('ledger', 'export', ...args), { env, encoding: 'utf8' });
  const linesOf = (text: string): { cursor: string; runId: string; kind: string }[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  it('prints entries of all runs as they come, and ends with 0 when it is asked to', async () => {
    const child = spawn(process.execPath, commandLine('ledger', 'export', '--follow'), { env });
    let printed = '';
    let arrived: () => void = () => {};
    child.stdout.on('data', (data) => {
      printed += data;
      arrived();
    });
    const until = async (count: number) => {
      while (linesOf(printed.slice(0, printed.lastIndexOf('\n') + 1)).length < count)
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
    };
    await until(2);
    await ledger.append(eventsOf('run2', started()));
    await until(3);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
    const lines = linesOf(printed);
    assert.deepEqual(
      lines.map(({ runId, kind }) => [runId, kind]),
      [
        ['run1', 'started'],
        ['run1', 'posted'],
        ['run2', 'started'],
      ],
    );
    const rest = linesOf(run('--since', lines[1]?.cursor ?? '').stdout);
    assert.deepEqual(rest, lines.slice(2), 'a cursor goes on where its line ended');
  });

  it('refuses a cursor that is none, and says that it prints no table', () => {
    const wrong = run('--since', 'yesterday');
    assert.deepEqual([wrong.status, wrong.stdout], [2, '']);
    assert.match(wrong.stderr, /"yesterday" is no cursor of this ledger/);
    assert.match(run('--follow', '--format', 'csv').stderr, /^--since, --follow: .*as JSON lines/m);
  });

  it('ends with the next entry when its reader has gone', async () => {
    const command = [process.execPath, ...commandLine('ledger', 'export', '--follow')]
      .map((word) => `'${word}'`)
      .join(' ');
    const child = spawn('sh', ['-c', `${command} | head -c 1`], { env, timeout: 60_000 });
    let printed = '';
    child.stdout.on('data', (data) => {
      printed += data;
    });
    const ended = once(child, 'close');
    await once(child.stdout, 'data');
    // `head` ends a moment after it has printed, so the first of these may still fit into the pipe.
    for (let run = 3; child.exitCode === null && child.signalCode === null; run += 1) {
      await ledger.append(eventsOf(`gone${run}`, started()));
      await Promise.race([ended, delay(200)]);
    }
    assert.deepEqual([printed, ...(await ended)], ['{', 0, null]);
  });

  it('waits for a slow reader and for a database that is away, and passes over nothing', async () => {
    const output = new PassThrough({ highWaterMark: 16 });
    const stop = new AbortController();
    const warnings: string[] = [];
    let calls = 0;
    const flaky: Pick<Ledger, 'since'> = {
      async since(cursor, limit) {
        calls += 1;
        if (calls === 2 || calls === 3) throw new Error('the database is away');
        return await ledger.since(cursor, Math.min(limit, 500));
      },
    };
    const following = followEntries(
      flaky,
      { since: BEGINNING, follow: true, signal: stop.signal },
      output,
      (text) => warnings.push(text),
    );
    let printed = '';
    output.on('data', (data) => {
      printed += data;
    });
    await ledger.append(eventsOf('run3', started(), completed));
    while (!printed.includes('run3') || !printed.endsWith('\n')) await delay(20);
    stop.abort();
    await following;
    assert.equal(warnings.length, 1, warnings.join());
    const cursors = linesOf(printed).map(({ cursor }) => cursor);
    assert.deepEqual(cursors, [...new Set(cursors)]);
    assert.equal((await ledger.since(BEGINNING, 1000)).entries.length, cursors.length);
  });
});
