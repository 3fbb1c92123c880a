import { existsSync, readdirSync } from 'node:fs';
import { findInvisible } from '../approval/hidden-text.js';
import { ConfigError } from '../platform/errors.js';
import { isSecret, secretIn } from './secrets/secret-files.js';

/** Variables that may have several lines. */
const MULTILINE = /^(PAYLOAD_KEYS|TEMPORAL_TLS_\w+_DATA)$/;

/** Value of a variable or of its file, without the white space around it. @throws ConfigError for a character that nobody sees. */
export function valueIn(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = (isSecret(name) ? secretIn(env, name) : env[name])?.trim();
  const invisible = findInvisible((MULTILINE.test(name) ? value?.replace(/\s+/g, ' ') : value) ?? '');
  if (invisible === undefined) return value;
  const message = `${name} holds an invisible character (${invisible}). Type the value, or copy it again where it is shown.`;
  throw new ConfigError(name, message);
}

/**
 * Finds the file that a variable names, or else the one with the usual name.
 *
 * @throws ConfigError when there is only a file with a name like the usual one: it would be ignored in silence.
 */
export function findFile(
  env: NodeJS.ProcessEnv,
  variable: string,
  usual: string,
  alike: RegExp,
): string | undefined {
  const named = valueIn(env, variable);
  if (named) return named;
  if (existsSync(usual)) return usual;
  const mistaken = readdirSync('.').find((name) => alike.test(name));
  if (mistaken === undefined) return undefined;
  throw new ConfigError(
    variable,
    `${variable}: there is no ${usual}, and ${mistaken} is not read. Rename it to ${usual}, set ${variable}=${mistaken}, or move it away.`,
  );
}
