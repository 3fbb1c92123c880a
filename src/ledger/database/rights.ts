import type { Query } from './database.js';

const READ_AND_ADD = ['SELECT', 'INSERT'];
const CHANGE = [...READ_AND_ADD, 'UPDATE', 'DELETE'];

/** Rights that the service needs in PostgreSQL, by table. */
const RIGHTS: Record<string, string[]> = {
  schema_version: ['SELECT'],
  entries: READ_AND_ADD,
  run_keys: CHANGE,
  payloads: CHANGE,
  payload_parts: CHANGE,
  tool_schemas: READ_AND_ADD,
  message_links: CHANGE,
  starts: CHANGE,
  runs: CHANGE,
  open_requests: CHANGE,
  has_say: CHANGE,
  threads: CHANGE,
  mcp_logins: CHANGE,
  homes: CHANGE,
  leases: CHANGE,
};

/** Grants a user of PostgreSQL what the service needs. Its tables must be there, and this user must own them. */
export async function grantRights(query: Query, role: string): Promise<void> {
  const name = `"${role.replaceAll('"', '""')}"`;
  const [row] = await query('SELECT quote_ident(current_schema()) AS name');
  await query(`GRANT USAGE ON SCHEMA ${row?.name} TO ${name}`);
  await query(`GRANT EXECUTE ON FUNCTION entries_epoch() TO ${name}`);
  for (const [table, rights] of Object.entries(RIGHTS))
    await query(`GRANT ${rights.join(', ')} ON ${table} TO ${name}`);
}

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
