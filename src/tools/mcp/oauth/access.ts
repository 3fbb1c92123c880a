import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../../../platform/errors.js';
import { ServerFailure } from '../failures.js';
import type { Login, Logins } from './logins.js';
import { explain, isFinal, renewTokens } from './renew-tokens.js';

/** Tokens that expire this soon are renewed before they are sent, in milliseconds. */
const EARLY_MS = 60_000;
/** A process that renews a login is taken for dead after this time, in milliseconds. Its two requests have 20 s each. */
const RENEWAL_MS = 45_000;
/** Attempts to write new tokens, and the pause between them in milliseconds. */
const WRITES = 10;
const WRITE_AGAIN_MS = 500;
/** Pause before another look at a login that another process renews, in milliseconds. */
const LOOK_AGAIN_MS = 200;

export type Access = ReturnType<typeof createAccess>;

/** Access tokens for one MCP server. One process at a time renews the login: many servers take a refresh token only once. */
export function createAccess({ name, url }: { name: string; url: string }, logins: Logins) {
  /** Refresh token that the authorization server refused. It is not sent again. */
  let refused: string | undefined;
  let renewing: Promise<string> | undefined;

  /** The login as it was read last, and the reason why it could not be read anew. */
  let known: Login | undefined;
  let unread: ServerFailure | undefined;

  const read = async (): Promise<Login | undefined> => {
    try {
      known = await logins.read(name);
      unread = undefined;
    } catch (cause) {
      unread = new ServerFailure(`its login can't be read: ${reasonOf(cause)}`, { cause });
    }
    return known?.url === url ? known : undefined;
  };
  /** Writes new tokens. They would be lost with a failed write, and the old ones count no longer. */
  const write = async (renewed: Login, before: Login): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        // Somebody who logged out, or in anew, has the last word.
        const now = await logins.read(name);
        if (now?.tokens.access_token === before.tokens.access_token) await logins.write(renewed);
        return;
      } catch (error) {
        if (attempt === WRITES) throw error;
        await pause(WRITE_AGAIN_MS);
      }
    }
  };
  const renewOnce = async (stale: string): Promise<string> => {
    for (const deadline = Date.now() + 2 * RENEWAL_MS; Date.now() < deadline; await pause(LOOK_AGAIN_MS)) {
      const login = await read();
      if (unread) throw unread;
      if (!login) throw loginNeeded(name, 'it wants a login (401)');
      const { access_token, refresh_token } = login.tokens;
      if (access_token !== stale) return access_token;
      if (refresh_token !== undefined && refresh_token === refused)
        throw loginNeeded(name, 'its login is over');
      const isOurs = await logins.beginRenewal(name, RENEWAL_MS).catch((cause: unknown) => {
        throw new ServerFailure(`its login can't be renewed: ${reasonOf(cause)}`, { cause });
      });
      if (!isOurs) continue;
      try {
        // Another process may have renewed it right before.
        const now = (await read()) ?? login;
        const renewed = now.tokens.access_token === stale ? await renewTokens(now) : now;
        if (!renewed) throw loginNeeded(name, "its login has expired, and can't be renewed");
        await write(renewed, now);
        return renewed.tokens.access_token;
      } catch (error) {
        await logins.endRenewal(name).catch(() => 'it ends by itself');
        if (error instanceof ServerFailure) throw error;
        if (!isFinal(error))
          throw new ServerFailure(`its login could not be renewed (${explain(error, secretsOf(login))}).`);
        refused = refresh_token;
        throw loginNeeded(name, `its login is over (${error.errorCode})`);
      }
    }
    throw new ServerFailure('another process is renewing its login.');
  };
  const renew = (stale: string): Promise<string> => {
    renewing ??= renewOnce(stale).finally(() => {
      renewing = undefined;
    });
    return renewing;
  };

  return {
    /** Access token to send; undefined without a login. @throws ServerFailure when it has expired and can't be renewed. */
    async token(): Promise<string | undefined> {
      const login = await read();
      if (!login) return undefined;
      const { access_token, expires_in, refresh_token } = login.tokens;
      const canRenew = refresh_token !== undefined || login.flow === 'client-credentials';
      const leftMs =
        Date.parse(login.issuedAt) + (expires_in ?? Number.POSITIVE_INFINITY) * 1000 - Date.now();
      // A token that lives for less than that is renewed when the server refuses it.
      const isOver = leftMs < Math.min(EARLY_MS, ((expires_in ?? 0) * 1000) / 2);
      return isOver && canRenew && !unread ? await renew(access_token) : access_token;
    },
    /** Reason why the login could not be read; undefined if it could. */
    problem: () => unread,
    /** Renews the login, unless that was done since `stale` was read. @throws ServerFailure */
    renew,
  };
}

function secretsOf({ tokens, client }: Login): (string | undefined)[] {
  return [tokens.refresh_token, tokens.access_token, client.client_secret];
}

/** Makes the failure of a server that nobody is logged in to. */
export function loginNeeded(server: string, why: string): ServerFailure {
  const shown = /\s/.test(server) ? `'${server}'` : server;
  return new ServerFailure(`${why}. Run "countersign mcp login ${shown}".`, { isTransient: false });
}
