import { parse } from 'dotenv';
import { readText } from '../platform/read-text.js';

const FILE = '.env';

/** Variables that `.env` sets, with a value. */
function readValues(): Record<string, string> {
  try {
    const entries = Object.entries(parse(readText(FILE)));
    return Object.fromEntries(entries.filter(([, value]) => value !== ''));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Sets variables from `.env` that are not set, not even to an empty value. */
export function addDotenv(env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(readValues())) env[name] ??= value;
}

/** Names the variables whose value in `.env` is not used, because the environment of the process has them with an empty value. */
export function hiddenByEmpty(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(readValues()).filter((name) => (env[name] ?? '').trim() === '');
}

/** Adds to the message about an unset variable that `.env` does set it. */
export function hintOf(env: NodeJS.ProcessEnv, name: string): string {
  return hiddenByEmpty(env).includes(name)
    ? ` (${FILE} sets it, but the shell has it with an empty value, which wins: unset it there)`
    : '';
}
