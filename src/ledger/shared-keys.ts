/** Before the keys of entries that the service writes beside a run: several processes may write one, each at its own moment. */
const BESIDE = ['late/', 'refused/', 'repaired/', 'gone/', 'end/'];

/** Whether an entry's key says what the entry is, so that whichever process writes it first is right. */
export function isBeside(key: string): boolean {
  return BESIDE.some((prefix) => key.startsWith(prefix));
}
