import type { Query } from './database.js';

const READ_AND_ADD = ['SELECT', 'INSERT'];
const CHANGE = [...READ_AND_ADD, 'UPDATE', 'DELETE'];

/** Rights that the service needs in PostgreSQL, by table. docs/security.md grants the same. */
const RIGHTS: Record<string, string[]> = {
  schema_version: ['SELECT'],
  entries: READ_AND_ADD,
  payloads: READ_AND_ADD,
  tool_schemas: READ_AND_ADD,
  message_links: READ_AND_ADD,
  starts: READ_AND_ADD,
  runs: CHANGE,
  open_requests: CHANGE,
  has_say: CHANGE,
  threads: CHANGE,
  mcp_logins: CHANGE,
  leases: CHANGE,
  homes: CHANGE,
};

/** Finds the rights that this user of PostgreSQL lacks: "INSERT on entries". All tables must be there. */
export async function findMissingRights(query: Query): Promise<string[]> {
  const missing: string[] = [];
  for (const [table, rights] of Object.entries(RIGHTS)) {
    const marks = rights.map(
      (right) => `has_table_privilege('${table}', '${right}') AS ${right.toLowerCase()}`,
    );
    const [row] = await query(`SELECT ${marks.join(', ')}`);
    const lacking = rights.filter((right) => row?.[right.toLowerCase()] !== true);
    if (lacking.length > 0) missing.push(`${lacking.join(' and ')} on ${table}`);
  }
  return missing;
}

/** True if this user of PostgreSQL may make the tables, and change those that are there. */
export async function mayMakeTables(query: Query): Promise<boolean> {
  const [row] = await query(
    `SELECT has_schema_privilege(current_schema(), 'CREATE') AND NOT EXISTS (
      SELECT 1 FROM pg_tables WHERE tablename = 'entries' AND schemaname = ANY (current_schemas(false))
        AND NOT pg_has_role(tableowner, 'USAGE')) AS may`,
  );
  return row?.may === true;
}
