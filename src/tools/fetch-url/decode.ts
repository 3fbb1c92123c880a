/** Part of a page in which `<meta>` may name the character set, in bytes. Source: the HTML standard. */
const META_WITHIN = 1024;

/** The name of the character set in an XML declaration. Source: XML 1.0, appendix F. */
const IN_XML = /^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]+)/i;

/** Decodes a body by its byte order mark, its header, its XML declaration or its `<meta>`; otherwise as UTF-8. */
export function decodeBody(body: Buffer, contentType: string): string {
  const named = /charset\s*=\s*["']?([^\s"';]+)/i;
  const start = body.toString('latin1', 0, META_WITHIN);
  const tags = start.match(/<meta[^>]+>/gi) ?? [];
  const inPage = IN_XML.exec(start)?.[1] ?? tags.map((tag) => named.exec(tag)?.[1]).find((label) => label);
  const label = charsetOfStart(body) ?? named.exec(contentType)?.[1] ?? inPage ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(body);
  } catch {
    // A page with an unknown character set is read as UTF-8.
    return new TextDecoder().decode(body);
  }
}

/** The character set by the first bytes: a byte order mark, or `<` in two bytes, with which XML in UTF-16 begins. */
function charsetOfStart(body: Buffer): string | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return 'utf-8';
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
  if (body[0] === 0x00 && body[1] === 0x3c) return 'utf-16be';
  return body[0] === 0x3c && body[1] === 0x00 ? 'utf-16le' : undefined;
}
