/** The beginning of others' words, as one line. `limit` is in characters, and no character is cut. */
export function excerpt(text: string, limit: number): string {
  const start = text.slice(0, 4 * limit).replace(/[\uD800-\uDBFF]$/, '');
  const characters = [...start.replaceAll(/\s+/g, ' ').trim()];
  return characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : characters.join('');
}
