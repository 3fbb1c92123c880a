/** Cuts a text to its first `limit` characters, and never inside a surrogate pair: half of one is refused by Claude, Slack and Temporal. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return text.slice(0, Math.max(limit, 0)).replace(/[\uD800-\uDBFF]$/, '');
}

/** Cuts a text to `limit` characters, with an ellipsis as the last one. */
export function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${cut(text, limit - 1)}…`;
}
