import assert from 'node:assert/strict';
import { BEGINNING, type Ledger } from '../../../src/ledger/index.js';
import type { Checkpoint } from '../../../src/run/event.js';

const entry = (shortId: string, key: string): Checkpoint => ({
  ...{ shortId, key, kind: 'executed', at: '2026-11-24T10:00:00.000Z', data: { text: key } },
});

/** Asserts that a reader who follows the entries while many write gets each once. `ledgers` are connections to one database. */
export async function assertSince(ledgers: Ledger[]): Promise<void> {
  const [ledger] = ledgers;
  assert.ok(ledger);
  const begin = await ledger.newestCursor();
  const read: string[] = [];
  let cursor = begin;
  let done = false;
  const readOn = async () => {
    const found = await ledger.since(cursor, 7);
    read.push(...found.entries.map(({ shortId, key }) => `${shortId}/${key}`));
    cursor = found.cursor;
    return found.entries.length;
  };
  const reading = (async () => {
    while (!done) await readOn();
  })();
  const written = Array.from({ length: 150 }, (_, index) => entry(`cursor${index % 20}`, `key${index}`));
  await Promise.all(written.map((each, index) => (ledgers[index % ledgers.length] ?? ledger).append([each])));
  done = true;
  await reading;
  while ((await readOn()) > 0);
  const names = written.map(({ shortId, key }) => `${shortId}/${key}`);
  assert.equal(read.length, new Set(read).size, 'none comes twice');
  assert.deepEqual(read.toSorted(), names.toSorted());
  assert.equal(await ledger.newestCursor(), cursor);

  const again = await ledger.since(begin, 1000);
  assert.deepEqual(
    again.entries.map(({ shortId, key }) => `${shortId}/${key}`),
    read,
    'the order is the same each time',
  );
  const third = again.entries[2];
  assert.ok(third);
  assert.equal((await ledger.since(third.cursor, 1)).entries[0]?.key, again.entries[3]?.key);
  assert.ok((await ledger.since(BEGINNING, 1000)).entries.length >= 150);
  await assert.rejects(ledger.since('yesterday', 1), /"yesterday" is no cursor of this ledger/);
}
