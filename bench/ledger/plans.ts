import type { Database, Query, Row, Value } from '../../src/ledger/database/database.js';
import { entryReader } from '../../src/ledger/read.js';
import { cursorReader } from '../../src/ledger/since.js';
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
  const { since: after, newestCursor } = cursorReader({ kind, query: record });
  await after(kind === 'sqlite' ? '1000' : '0-1000-1000', 500);
  await newestCursor();
  const scans: string[] = [];
  for (const [sql, args] of asked) {
    const rows = await query(`${kind === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN'} ${sql}`, args);
    scans.push(...scansIn(rows, sql));
  }
  return scans;
}

/** Lines of a plan in which a whole table is read. A table in the order of its key is read up to the limit alone. */
function scansIn(rows: Row[], sql: string): string[] {
  const isSorted = rows.some((row) => /TEMP B-TREE/.test(lineOf(row)));
  if (/ORDER BY position DESC LIMIT \S+$/.test(sql) && !isSorted) return [];
  const subqueries = rows.flatMap((row) => /^(?:CO-ROUTINE|MATERIALIZE) (\w+)/.exec(lineOf(row))?.[1] ?? []);
  // SQLite also calls it a scan to read the rows of a subquery, whose own lines have a parent.
  const isOfSubquery = (row: Row) =>
    Number(row.parent) === 0 && subqueries.some((name) => lineOf(row).startsWith(`SCAN ${name}`));
  return rows
    .filter((row) => !isOfSubquery(row))
    .map(lineOf)
    .filter(isScan);
}

function lineOf(row: Row): string {
  return String(row.detail ?? row['QUERY PLAN']).trim();
}

function isScan(line: string): boolean {
  return /\bSeq Scan on\b/.test(line) || /^SCAN (entries|runs|open_requests|has_say|threads)\b/.test(line);
}
