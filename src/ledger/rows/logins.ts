import type { Database } from '../database/database.js';

/** A login at an MCP server: encrypted bytes, and the id of their key. */
export interface SealedLogin {
  keyId: string;
  data: Uint8Array;
}

/** Stores logins at MCP servers by the server's name. All processes of the service share them. */
export function loginRows({ query, transaction }: Pick<Database, 'query' | 'transaction'>) {
  const change = (sql: string, args: (string | Uint8Array)[]) =>
    transaction((inside) => inside(sql, args), ['mcp_logins']);
  return {
    async readLogin(server: string): Promise<SealedLogin | undefined> {
      const [row] = await query('SELECT key_id, data FROM mcp_logins WHERE server = ?', [server]);
      return row && { keyId: String(row.key_id), data: new Uint8Array(row.data as ArrayBuffer) };
    },

    /** Stores a login, and ends its renewal. */
    async writeLogin(server: string, { keyId, data }: SealedLogin): Promise<void> {
      const sql = `INSERT INTO mcp_logins (server, key_id, data, renewed_until) VALUES (?, ?, ?, '')
        ON CONFLICT (server) DO UPDATE SET key_id = excluded.key_id, data = excluded.data, renewed_until = ''`;
      await change(sql, [server, keyId, data]);
    },

    async deleteLogin(server: string): Promise<void> {
      await change('DELETE FROM mcp_logins WHERE server = ?', [server]);
    },

    /** Begins the renewal of a login. Returns false while another process renews it, and without a login. */
    async beginRenewal(server: string, now: string, until: string): Promise<boolean> {
      const sql = `UPDATE mcp_logins SET renewed_until = ? WHERE server = ? AND renewed_until < ?
        RETURNING server`;
      return (await change(sql, [until, server, now])).length > 0;
    },

    /** Ends a renewal that failed. */
    async endRenewal(server: string): Promise<void> {
      await change(`UPDATE mcp_logins SET renewed_until = '' WHERE server = ?`, [server]);
    },
  };
}
