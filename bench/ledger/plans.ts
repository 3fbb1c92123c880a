import type { Database, Query, Row, Value } from '../../src/ledger/database/database.js';
import { entryReader } from '../../src/ledger/read.js';
import { viewReader } from '../../src/ledger/views/read.js';

/** Finds the queries of the service that scan a whole table, by the database's own query plan. */
export async function plansOf(
  { kind, query }: Pick<Database, 'kind' | 'query'>,
  since: string,
  user: string,
  names: string[],
): Promise<string[]> {
  const asked: [sql: string, args: Value[]][] = [];
  const record: Query = async (sql, args = []) => {
    asked.push([sql, args]);
    return [];
  };
  const views = viewReader(record);
  await views.view('run');
  await views.unsettled(since);
  await views.groups(since);
  await views.runsFor(user, names);
  await views.runsIn('C1', '1.0');
  await entryReader({ kind: 'sqlite', query: record }).read('run', 'planned');
  const scans: string[] = [];
  for (const [sql, args] of asked) {
    const rows = await query(`${kind === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN'} ${sql}`, args);
    scans.push(...rows.map(lineOf).filter(isScan));
  }
  return scans;
}

function lineOf(row: Row): string {
  return String(row.detail ?? row['QUERY PLAN']).trim();
}

/** SQLite also calls it a scan to read the rows of a subquery, so only tables count. */
function isScan(line: string): boolean {
  return /\bSeq Scan on\b/.test(line) || /^SCAN (entries|runs|open_requests|has_say|threads)\b/.test(line);
}
