import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../../platform/errors.js';
import type { SealingKey } from '../../platform/sealing.js';

/** Id of the key in the file. */
const FILE_KEY = 'file';

/**
 * Reads the keys of logins at MCP servers: those of PAYLOAD_KEYS, then the one in the file beside a SQLite ledger. The first encrypts. With
 * `create`, that file is made where there is no key yet.
 *
 * @throws ConfigError when there is no key, and none can be made.
 */
export function readLoginKeys(
  databaseUrl: string,
  keys: SealingKey[],
  { create = false } = {},
): SealingKey[] {
  const [, path] = /^file:([^?]*)/.exec(databaseUrl) ?? [];
  if (path === undefined) {
    if (create && keys.length === 0)
      throw new ConfigError(
        'PAYLOAD_KEYS',
        'PAYLOAD_KEYS is missing. Logins are encrypted with it, so set it for all processes of the service first: docs/security.md says how.',
      );
    return keys;
  }
  const file = `${path}.key`;
  if (create && keys.length === 0 && !existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  }
  if (!existsSync(file)) return keys;
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  if (key.length !== 32)
    throw new ConfigError(
      'DATABASE_URL',
      `${file} holds no key of 32 bytes in base64. Restore it, or remove it and log in to the MCP servers again.`,
    );
  return [...keys, { id: FILE_KEY, key }];
}
