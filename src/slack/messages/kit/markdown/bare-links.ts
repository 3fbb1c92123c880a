/** The used part of a match of the link finder. */
interface Found {
  url: string;
}

/** Limit for a trimmed address, in characters. Slack takes no longer links. */
const LONGEST = 3_000;

/** Markup that ends a bare address: emphasis at its end, a table's or Slack's `|`, and entities of brackets and quotes. */
const MARKUP_AFTER = /\*\*|~~|\||&(?:lt|gt|quot|apos|nbsp|#\d+|#x[\da-f]+);?|[*_](?=[*_.,:;!?'")\]]*$)/i;

/** Cuts the markup off that the link finder takes for a part of a bare address, such as the stars of `**https://…**:`. */
export function trimLink<T extends Found>(found: T | null): T | null {
  if (!found || found.url.length > LONGEST) return found;
  const end = found.url.search(MARKUP_AFTER);
  return end < 0 ? found : Object.assign(found, { url: found.url.slice(0, end) });
}
