import type { OAuthServerInfo } from '@modelcontextprotocol/sdk/client/auth.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import { CountersignError } from '../../../platform/errors.js';
import { type SealingKey, seal, unseal } from '../../../platform/sealing.js';

/** Ways to log in: a person in a browser on this machine, a person anywhere, or the service itself with its own secret. */
export type LoginFlow = 'browser' | 'device' | 'client-credentials';

/** A login at an MCP server: all that is needed to use and renew it. */
export interface Login {
  server: string;
  /** Address of the MCP server. A login counts for this address only. */
  url: string;
  flow: LoginFlow;
  authorizationServer: OAuthServerInfo;
  client: OAuthClientInformationMixed;
  scope?: string;
  tokens: OAuthTokens;
  /** When the tokens were issued, ISO 8601. */
  issuedAt: string;
}

/** Database access that logins need. */
export interface LoginRows {
  readLogin(server: string): Promise<{ keyId: string; data: Uint8Array } | undefined>;
  writeLogin(server: string, login: { keyId: string; data: Uint8Array }): Promise<void>;
  deleteLogin(server: string): Promise<void>;
  beginRenewal(server: string, now: string, until: string): Promise<boolean>;
  endRenewal(server: string): Promise<void>;
}

export type Logins = ReturnType<typeof createLogins>;

/**
 * Keeps logins, encrypted.
 *
 * @param readKeys Reads the keys at each use: the first login may make one. The first key encrypts; the others still decrypt older logins.
 */
export function createLogins(rows: LoginRows, readKeys: () => SealingKey[]) {
  return {
    /** Reads a login. @throws CountersignError `LoginUnreadable` when its key is missing, or the row was changed. */
    async read(server: string): Promise<Login | undefined> {
      const row = await rows.readLogin(server);
      if (!row) return undefined;
      const key = readKeys().find(({ id }) => id === row.keyId);
      const login = key && decode(key, row.data);
      // A row that was copied from another server's would send that server's token here.
      if (login?.server === server) return login;
      const why = key ? 'it, or its key, was changed' : `its key "${row.keyId}" is not in PAYLOAD_KEYS`;
      const message = `the login of ${server} can't be decrypted: ${why}. Run "countersign mcp login ${server}".`;
      throw new CountersignError('LoginUnreadable', message);
    },

    /** Writes a login, and ends its renewal. */
    async write(login: Login): Promise<void> {
      const [key] = readKeys();
      if (!key) throw new CountersignError('LoginKeyMissing', 'There is no key to encrypt logins with.');
      const data = seal(key.key, Buffer.from(JSON.stringify(login)));
      await rows.writeLogin(login.server, { keyId: key.id, data });
    },

    remove: (server: string): Promise<void> => rows.deleteLogin(server),

    /** Begins a renewal, for `withinMs`. Returns false while another process is at it. */
    beginRenewal(server: string, withinMs: number): Promise<boolean> {
      const now = Date.now();
      const iso = (ms: number) => new Date(ms).toISOString();
      return rows.beginRenewal(server, iso(now), iso(now + withinMs));
    },

    /** Ends a renewal that failed. */
    endRenewal: (server: string): Promise<void> => rows.endRenewal(server),
  };
}

function decode({ key }: SealingKey, data: Uint8Array): Login | undefined {
  try {
    return JSON.parse(unseal(key, data).toString()) as Login;
  } catch {
    return undefined;
  }
}
