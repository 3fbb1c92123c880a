import type { ContentBlock, ToolResult } from '../run/execution/tools.js';
import { readImage } from './image.js';
import {
  isTooDeep,
  MAX_DEPTH,
  MAX_IMAGE_CHARS,
  MAX_IMAGE_EDGE,
  MAX_IMAGES,
  MAX_IMAGES_CHARS,
  MAX_TEXT_BYTES,
} from './limits.js';

/** A server's answer to a call. MCP guarantees none of the fields inside `content`. */
export interface Answer {
  content: Record<string, unknown>[];
  structuredContent?: unknown;
  isError?: boolean | undefined;
}

const NO_TYPE = 'of no named type';

type Part = { text: string } | { image: string; what: string };

/** Converts an answer for the Messages API: text and images within the limits, and a note for everything else. */
export function toResult({ content, structuredContent, isError = false }: Answer): ToolResult {
  if (isTooDeep([content, structuredContent]))
    return textResult(`(The answer is nested too deep to be shown: ${MAX_DEPTH} levels at most.)`, isError);
  const parts = content.flatMap(partsOf);
  // A server with structured output usually repeats it as text; otherwise the structure is the answer.
  const isSilent = !parts.some((part) => 'text' in part && part.text.trim() !== '');
  if (isSilent && structuredContent !== undefined) parts.push({ text: JSON.stringify(structuredContent) });
  const blocks: ContentBlock[] = [];
  const left = { text: MAX_TEXT_BYTES, images: MAX_IMAGES_CHARS, count: MAX_IMAGES };
  let omitted = 0;
  for (const part of parts) {
    const shown = 'text' in part ? part.text : imageBlock(part, left);
    if (typeof shown !== 'string') {
      blocks.push(shown);
      continue;
    }
    const kept = cutTo(shown, left.text);
    omitted += kept.omitted;
    left.text = omitted > 0 ? 0 : left.text - Buffer.byteLength(kept.text);
    addText(blocks, kept.text);
  }
  if (omitted > 0)
    addText(blocks, `[${omitted.toLocaleString('en')} bytes more were cut off here: ${CUT_ADVICE}]`);
  if (blocks.length === 0) addText(blocks, '(The tool answered nothing.)');
  return { content: blocks, isError, ...(omitted > 0 && { cut: true }) };
}

const CUT_ADVICE = 'this is all that one answer may hold. Ask for a smaller part of it.';

function addText(blocks: ContentBlock[], text: string): void {
  const last = blocks.at(-1);
  if (text.trim() === '') return;
  if (last?.type === 'text') last.text = `${last.text}\n${text}`;
  else blocks.push({ type: 'text', text });
}

export function textResult(text: string, isError = false): ToolResult {
  return toResult({ content: [{ type: 'text', text }], isError });
}

function partsOf(block: Record<string, unknown>): Part[] {
  const say = (key: string, otherwise = '') => (typeof block[key] === 'string' ? block[key] : otherwise);
  const mimeType = say('mimeType', NO_TYPE);
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
      return resourceParts({ ...(block.resource as object) });
    default:
      return [{ text: `[A part of type ${JSON.stringify(block.type)}, which can't be shown here.]` }];
  }
}

/** Reads an embedded resource: its text and address, its image, or a note. */
function resourceParts({ uri, text, blob, mimeType }: Record<string, unknown>): Part[] {
  const address = `[Resource: ${String(uri)}]`;
  if (typeof text === 'string') return [{ text: `${address}\n${text}` }];
  if (typeof blob !== 'string') return [{ text: address }];
  const what = typeof mimeType === 'string' ? mimeType : NO_TYPE;
  if (readImage(blob)) return [{ text: address }, { image: blob, what }];
  const bytes = Buffer.byteLength(blob, 'base64').toLocaleString('en');
  return [{ text: `${address}\n[Binary, ${what}, ${bytes} bytes: it can't be shown here.]` }];
}

/** Makes an image's block, and subtracts its size from `left`. An image that can't be shown becomes a note. */
function imageBlock(
  { image, what }: { image: string; what: string },
  left: { images: number; count: number },
): ContentBlock | string {
  const read = readImage(image);
  if (!read) return `[Image, ${what}: only PNG, JPEG, GIF and WebP can be shown.]`;
  const { mediaType, width, height, bytes } = read;
  const data = bytes.toString('base64');
  const size = `[Image, ${mediaType}, ${width} × ${height}, ${bytes.length.toLocaleString('en')} bytes`;
  if (data.length > MAX_IMAGE_CHARS) return `${size}: too large to be shown. Ask for a smaller one.]`;
  if (Math.max(width, height) > MAX_IMAGE_EDGE)
    return `${size}: an edge may have ${MAX_IMAGE_EDGE} pixels at most. Ask for a smaller one.]`;
  if (data.length > left.images || left.count === 0)
    return `${size}: left out, because there are too many in one answer.]`;
  left.images -= data.length;
  left.count -= 1;
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data } };
}

/** Cuts a text to its first `max` bytes, never inside a character. NUL and lone surrogates are replaced. */
function cutTo(text: string, max: number): { text: string; omitted: number } {
  const bytes = Buffer.from(text.replaceAll('\0', '\ufffd'));
  const kept = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, max), { stream: true });
  return { text: kept, omitted: bytes.length - Buffer.byteLength(kept) };
}
