/** Part of a page in which `<meta>` may name the character set, in bytes. Source: the HTML standard. */
const META_WITHIN = 1024;

/** Decodes a body by its byte order mark, its header or its `<meta>`; otherwise as UTF-8. */
export function decodeBody(body: Buffer, contentType: string): string {
  const named = /charset\s*=\s*["']?([^\s"';]+)/i;
  const tags = body.toString('latin1', 0, META_WITHIN).match(/<meta[^>]+>/gi) ?? [];
  const inPage = tags.map((tag) => named.exec(tag)?.[1]).find((label) => label);
  const label = byteOrderMark(body) ?? named.exec(contentType)?.[1] ?? inPage ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(body);
  } catch {
    // A page with an unknown character set is read as UTF-8.
    return new TextDecoder().decode(body);
  }
}

function byteOrderMark(body: Buffer): string | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return 'utf-8';
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  return body[0] === 0xff && body[1] === 0xfe ? 'utf-16le' : undefined;
}
