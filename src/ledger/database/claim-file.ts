import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@libsql/client';
import { ConfigError } from '../../platform/errors.js';
import { isPostgres } from './database.js';

/** Longest wait for a process that is about to end, in milliseconds, and time between two attempts. */
const CLAIM_WITHIN_MS = 5_000;
const AGAIN_MS = 200;

/**
 * Claims a SQLite ledger for this process of the service, and keeps a second one away. Commands that only read are not kept away. The claim is a lock on
 * a file beside the ledger, and the operating system ends it with the process, also after a crash.
 *
 * @returns ends the claim. Nothing is claimed of PostgreSQL, which many processes share.
 * @throws ConfigError while another process of the service has the ledger.
 */
export async function claimFile(
  url: string,
  { withinMs = CLAIM_WITHIN_MS } = {},
): Promise<() => Promise<void>> {
  if (isPostgres(url)) return async () => {};
  const file = url.replace(/^file:/, '').replace(/\?.*$/, '');
  mkdirSync(dirname(file), { recursive: true });
  const client = createClient({ url: `file:${file}.lock`, timeout: 0 });
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    try {
      // SQLite lets one connection prepare to write. The transaction stays open, and writes nothing.
      const claim = await client.transaction('write');
      return async () => {
        claim.close();
        client.close();
      };
    } catch (cause) {
      if (Date.now() > giveUpAt) {
        client.close();
        throw taken(file, cause);
      }
      await delay(AGAIN_MS);
    }
  }
}

function taken(file: string, cause: unknown): ConfigError {
  const isBusy = cause instanceof Error && /locked|busy/i.test(cause.message);
  const reason = isBusy
    ? `another process of the service uses ${file}, and SQLite serves one. Stop that process`
    : `${file}.lock can't be locked (${cause instanceof Error ? cause.message : String(cause)}). Give a folder that can be written`;
  const message = `DATABASE_URL: ${reason}, or set a PostgreSQL database (postgres://…), which many processes can share.`;
  return new ConfigError('DATABASE_URL', message, { cause });
}
