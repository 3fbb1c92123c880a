/** Prefixes of keys under which the service itself writes of a run: several processes may write one such entry, each at its own moment. */
const SHARED = ['late/', 'refused/', 'repaired/', 'gone/', 'end/'];

/** Says of a key that it alone tells its entry, so that whichever process writes the entry first is right. */
export function isSharedKey(key: string): boolean {
  return SHARED.some((prefix) => key.startsWith(prefix));
}
