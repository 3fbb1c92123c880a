import type { FileContent, FileKind } from '../../run/thread.js';
import { decodeBody } from '../fetch-url/decode.js';
import { readImage } from '../image.js';
import { MAX_IMAGE_CHARS, MAX_IMAGE_EDGE } from '../limits.js';
import { cutText } from './cut-text.js';
import { readPdf } from './read-pdf.js';

/** Reads the content of a file, at most `maxChars` characters of text. `why`: reason why it can't be read. */
export async function readFile(
  { kind, bytes, maxChars }: { kind: FileKind; bytes: Buffer; maxChars: number },
  signal?: AbortSignal,
): Promise<FileContent | { why: string }> {
  switch (kind) {
    case 'text':
      return readText(bytes, maxChars);
    case 'pdf':
      return await readPdf(bytes, maxChars, signal);
    case 'image':
      return readPicture(bytes);
  }
}

function readText(bytes: Buffer, maxChars: number): FileContent | { why: string } {
  const text = decode(bytes);
  if (text.includes('\0')) return { why: 'it holds no text' };
  return cutText(text, maxChars);
}

/** The characters of 80 to 9F. Node's decoder takes them for control characters (nodejs/node#56542). */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** Decodes by the byte order mark, as UTF-8, or as Windows-1252, in which spreadsheets often save a CSV file. */
function decode(bytes: Buffer): string {
  const isMarked = /^(\xef\xbb\xbf|\xfe\xff|\xff\xfe)/.test(bytes.toString('latin1', 0, 3));
  if (isMarked) return decodeBody(bytes, '');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const character = (code: string) => WINDOWS_1252[code.charCodeAt(0) - 0x80] ?? code;
    return bytes.toString('latin1').replaceAll(/[\x80-\x9f]/g, character);
  }
}

function readPicture(bytes: Buffer): FileContent | { why: string } {
  const data = bytes.toString('base64');
  const image = readImage(data);
  if (!image) return { why: 'it is no PNG, JPEG, GIF or WebP image' };
  const isLarge = data.length > MAX_IMAGE_CHARS || Math.max(image.width, image.height) > MAX_IMAGE_EDGE;
  return isLarge ? { why: 'the image is too large' } : { kind: 'image', mediaType: image.mediaType, data };
}
