import { ConfigError } from '../platform/errors.js';

type Readers = Record<string, () => unknown>;

/** Values by the readers' names. */
export type Values<R extends Readers> = { [Name in keyof R]: ReturnType<R[Name]> };

/**
 * Calls each reader, also after one that failed. A value whose reader failed is left out, and its problem is listed. So an operator learns of
 * all that is missing at once.
 */
export function readAll<R extends Readers>(
  readers: R,
): { values: Partial<Values<R>>; problems: ConfigError[] } {
  const values: Partial<Values<R>> = {};
  const problems: ConfigError[] = [];
  for (const [name, read] of Object.entries(readers) as [keyof R, () => Values<R>[keyof R]][]) {
    try {
      values[name] = read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(error);
    }
  }
  return { values, problems };
}
