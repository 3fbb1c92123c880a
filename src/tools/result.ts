import type { ContentBlock, ToolResult } from '../run/execution/tools.js';
import { readImage } from './image.js';
import { MAX_IMAGE_CHARS, MAX_IMAGE_EDGE, MAX_IMAGES, MAX_IMAGES_CHARS, MAX_TEXT_BYTES } from './limits.js';

/** A server's answer to a call, as far as MCP promises it; each part of it may be missing. */
export interface Answer {
  content: Record<string, unknown>[];
  structuredContent?: unknown;
  isError?: boolean | undefined;
}

/** A part of an answer on its way to the model. */
type Part = { text: string } | { image: string; what: string };

/**
 * Converts an answer for the Messages API: text and images, bounded, and words for everything else. Text that is longer than the
 * limit is cut with a note; an image that is too large, or none that the API knows, becomes a note.
 */
export function toResult({ content, structuredContent, isError = false }: Answer): ToolResult {
  const parts = content.flatMap(partsOf);
  // A server with structured output mostly repeats it in text; where it doesn't, the structure is the answer.
  const isSilent = !parts.some((part) => 'text' in part && part.text.trim() !== '');
  if (isSilent && structuredContent !== undefined) parts.push({ text: JSON.stringify(structuredContent) });
  const blocks: ContentBlock[] = [];
  const left = { text: MAX_TEXT_BYTES, images: MAX_IMAGES_CHARS, count: MAX_IMAGES };
  let text = '';
  let omitted = 0;
  const take = (more: string) => {
    const room = cutTo(more, left.text);
    omitted += room.omitted;
    left.text = omitted > 0 ? 0 : left.text - Buffer.byteLength(room.text);
    if (room.text.trim() !== '') text += text === '' ? room.text : `\n${room.text}`;
  };
  const flush = () => {
    if (text !== '') blocks.push({ type: 'text', text });
    text = '';
  };
  for (const part of parts) {
    if ('text' in part) {
      take(part.text);
      continue;
    }
    const image = imageBlock(part, left);
    if ('note' in image) take(image.note);
    else {
      flush();
      blocks.push(image.block);
    }
  }
  if (omitted > 0) text += `\n[${omitted.toLocaleString('en')} bytes more were cut off here: ${CUT_ADVICE}]`;
  flush();
  if (blocks.length === 0) blocks.push({ type: 'text', text: '(The tool answered nothing.)' });
  return { content: blocks, isError, ...(omitted > 0 && { cut: true }) };
}

const CUT_ADVICE = 'this is all that one answer may hold. Ask for a smaller part of it.';

/** Makes a result of one text. */
export function textResult(text: string, isError = false): ToolResult {
  return toResult({ content: [{ type: 'text', text }], isError });
}

function partsOf(block: Record<string, unknown>): Part[] {
  const say = (key: string, otherwise = '') => (typeof block[key] === 'string' ? block[key] : otherwise);
  const mimeType = say('mimeType', 'of no named type');
  switch (block.type) {
    case 'text':
      return [{ text: say('text') }];
    case 'image':
      return [{ image: say('data'), what: mimeType }];
    case 'audio':
      return [{ text: `[Audio, ${mimeType}: it can't be shown here.]` }];
    case 'resource_link': {
      const about = [say('title') || say('name'), say('description')].filter(Boolean).join(': ');
      return [{ text: `[Link: ${say('uri')}${about && ` (${about})`}]` }];
    }
    case 'resource':
      return resourceParts(typeof block.resource === 'object' && block.resource ? block.resource : {});
    default:
      return [{ text: `[A part of type ${JSON.stringify(block.type)}, which can't be shown here.]` }];
  }
}

/** Reads an embedded resource: its text with its address, its image, or a word about it. */
function resourceParts(resource: {
  uri?: unknown;
  text?: unknown;
  blob?: unknown;
  mimeType?: unknown;
}): Part[] {
  const { uri, text, blob, mimeType } = resource;
  const address = `[Resource: ${String(uri)}]`;
  if (typeof text === 'string') return [{ text: `${address}\n${text}` }];
  if (typeof blob !== 'string') return [{ text: address }];
  const what = typeof mimeType === 'string' ? mimeType : 'of no named type';
  if (readImage(blob)) return [{ text: address }, { image: blob, what }];
  const bytes = Buffer.byteLength(blob, 'base64').toLocaleString('en');
  return [{ text: `${address}\n[Binary, ${what}, ${bytes} bytes: it can't be shown here.]` }];
}

/** Makes an image's block and takes its size off the room that is `left`; or a note that says why it isn't shown. */
function imageBlock(
  { image, what }: { image: string; what: string },
  left: { images: number; count: number },
): { block: ContentBlock } | { note: string } {
  const read = readImage(image);
  if (!read) return { note: `[Image, ${what}: only PNG, JPEG, GIF and WebP can be shown.]` };
  const { mediaType, width, height, bytes } = read;
  const data = bytes.toString('base64');
  const size = `[Image, ${mediaType}, ${width} × ${height}, ${bytes.length.toLocaleString('en')} bytes`;
  if (data.length > MAX_IMAGE_CHARS)
    return { note: `${size}: too large to be shown. Ask for a smaller one.]` };
  if (Math.max(width, height) > MAX_IMAGE_EDGE) {
    return { note: `${size}: an edge may have ${MAX_IMAGE_EDGE} pixels at most. Ask for a smaller one.]` };
  }
  if (data.length > left.images || left.count === 0) {
    return { note: `${size}: left out, because there are too many in one answer.]` };
  }
  left.images -= data.length;
  left.count -= 1;
  return { block: { type: 'image', source: { type: 'base64', media_type: mediaType, data } } };
}

/** Cuts a text to its first `max` bytes, never in half a character; NUL and half a surrogate pair are replaced. */
function cutTo(text: string, max: number): { text: string; omitted: number } {
  const bytes = Buffer.from(text.replaceAll('\0', '\ufffd'));
  const kept = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, max), { stream: true });
  return { text: kept, omitted: bytes.length - Buffer.byteLength(kept) };
}
