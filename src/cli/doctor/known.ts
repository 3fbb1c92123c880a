import type { Settings } from '../../config/environment.js';

/** Settings that could be read. One that is missing or wrong is left out; one that is unset has the value undefined. */
export type Known = Partial<Settings>;

/** Said in place of a check that lacks a setting. */
export const UNCHECKED = 'not checked, because a setting that it needs is missing or wrong (see above)';

/** True if these settings could be read, also those that are unset. */
export function has(known: Known, ...names: (keyof Settings)[]): boolean {
  return names.every((name) => name in known);
}
