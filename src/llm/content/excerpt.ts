import { clip, cut } from '../../platform/cut.js';

/** The beginning of others' words, as one line. `limit` is in characters. */
export function excerpt(text: string, limit: number): string {
  // The rest of a very long text isn't looked at.
  return clip(
    cut(text, 4 * limit)
      .replaceAll(/\s+/g, ' ')
      .trim(),
    limit,
  );
}
