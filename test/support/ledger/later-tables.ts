import assert from 'node:assert/strict';
import { verifyRuns } from '../../../src/cli/ledger/ledger.js';
import { examineLedger, type Ledger, openLedger } from '../../../src/ledger/index.js';
import { migrateLedger } from '../../../src/ledger/upkeep/migrate.js';
import { completed } from './end-events.js';
import { eventsOf, started } from './events.js';

/** Changes that a later version may make to the tables: it adds. */
export const LATER_TABLES = [
  'CREATE TABLE later (name TEXT PRIMARY KEY)',
  'ALTER TABLE entries ADD COLUMN later TEXT',
  "ALTER TABLE runs ADD COLUMN later TEXT NOT NULL DEFAULT ''",
  'INSERT INTO schema_version (version, oldest) VALUES (2, 1)',
  // The later version has made the views with its own reducer.
  "UPDATE runs SET view_version = 2, view = REPLACE(view, '{', '{\"later\":true,') WHERE run_id = 'before'",
];

/** Asserts that this version starts and works on tables of a later one: `running` was open before, and holds the run `before`. */
export async function assertRolledBack(running: Ledger, url: string): Promise<void> {
  await running.append(eventsOf('during', started()));
  assert.match((await examineLedger(url)).summary, /, tables of version 2$/);
  assert.equal((await migrateLedger(url)).version, 2);
  const ledger = await openLedger(url);
  const story = eventsOf('before', started(), completed);
  await ledger.append([...story, ...eventsOf('after', started(), completed)]);
  assert.deepEqual(
    [(await ledger.view('before'))?.state, (await ledger.view('after'))?.state],
    ['completed', 'completed'],
  );
  const lines: string[] = [];
  for (const shortId of ['before', 'during', 'after'])
    assert.ok(
      await verifyRuns(ledger, { shortId, heads: undefined }, (line) => lines.push(line)),
      lines.join(),
    );
  await ledger.close();
}
