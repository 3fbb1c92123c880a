/** Characters of short ids: none of them is taken for another. */
export const ID_ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

/** First moment that an id can name. Six characters last for 34 years from here. */
const EPOCH_MS = Date.UTC(2026, 0, 1);
const LENGTH = 6;

const ID = `[${ID_ALPHABET}]{8}`;
const LONG = new RegExp(`^(${ID})-(\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z)$`);
const SHORT = new RegExp(`^(${ID})-([${ID_ALPHABET}]{${LENGTH}})$`);

/**
 * Shortens the id that Temporal gives a run of a schedule, which ends in the due time: `abcd2345-2026-11-27T09:00:00Z` becomes `abcd2345-as7m2k`. Any
 * other id stays as it is.
 */
export function shortened(id: string): string {
  const [, schedule, due] = LONG.exec(id) ?? [];
  if (schedule === undefined || due === undefined) return id;
  let seconds = (Date.parse(due) - EPOCH_MS) / 1_000;
  if (!(seconds >= 0 && seconds < ID_ALPHABET.length ** LENGTH)) return id;
  let digits = '';
  for (let at = 0; at < LENGTH; at += 1) {
    digits = `${ID_ALPHABET[seconds % ID_ALPHABET.length]}${digits}`;
    seconds = Math.floor(seconds / ID_ALPHABET.length);
  }
  return `${schedule}-${digits}`;
}

/** Undoes `shortened`. */
export function lengthened(id: string): string {
  const [, schedule, digits] = SHORT.exec(id) ?? [];
  if (schedule === undefined || digits === undefined) return id;
  const seconds = [...digits].reduce(
    (sum, digit) => sum * ID_ALPHABET.length + ID_ALPHABET.indexOf(digit),
    0,
  );
  return `${schedule}-${new Date(EPOCH_MS + seconds * 1_000).toISOString().replace('.000Z', 'Z')}`;
}
