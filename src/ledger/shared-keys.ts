/** Prefixes of keys under which the service itself writes of a run: several processes may write one such entry, each at its own moment. */
const SHARED = ['late/', 'refused/', 'repaired/', 'gone/', 'end/'];

/** Whether an entry's key says what the entry is, so that whichever process writes it first is right. */
export function isSharedKey(key: string): boolean {
  return SHARED.some((prefix) => key.startsWith(prefix));
}
