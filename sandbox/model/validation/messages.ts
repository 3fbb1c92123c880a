import { imageSize } from 'image-size';
import { badRequest, type MessagesRequest, type Part, partsOf } from '../request.js';

/** Images that a request may hold on models with a context of 200K. Source: the API's "Vision". */
const MAX_IMAGES = 100;
/** From this number on, each image has a stricter limit for its longer edge. */
const MANY_IMAGES = 20;
const EDGE = { few: 8_000, many: 2_000 };
/** Limit for an image, in Base64 characters. */
const MAX_IMAGE_CHARS = 10_485_760;

/** A block, and its place in the request as the API names it. */
interface Placed {
  part: Part;
  at: string;
}

/**
 * Refuses content that the API is reported to refuse, with its texts. Sources: claude-code#6273 (half pairs), #94055 (NUL), #20700 and #28515
 * (ids), #49537 and #24541 (images), home-assistant/core#175637 (blank text), and the API's "Vision".
 *
 * @throws RequestError
 */
export function checkMessages(body: MessagesRequest): void {
  checkCharacters(body);
  const placed = body.messages.flatMap((message, index) => place(partsOf(message), `messages.${index}`));
  const system = Array.isArray(body.system) ? place(body.system, 'system') : [];
  for (const { part, at } of [...system, ...placed]) checkText(part, at);
  body.messages.forEach((message, index) => {
    if (partsOf(message).length > 0) return;
    throw badRequest(`messages.${index}: all messages must have non-empty content`);
  });
  checkNames(placed);
  for (const each of placed) checkErrorResult(each);
  checkImages(placed.filter(({ part }) => part.type === 'image'));
}

function place(parts: readonly Part[], under: string): Placed[] {
  return parts.flatMap((part, index) => {
    const at = `${under}.content.${index}`;
    const inner = part.type === 'tool_result' ? contentOf(part) : [];
    return [{ part, at }, ...place(inner, `${at}.tool_result`)];
  });
}

function contentOf({ content }: Part): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? (content as Part[]) : [];
}

/** The API's parser takes no half of a surrogate pair; NUL ends a body on its way. */
function checkCharacters(body: MessagesRequest): void {
  const json = JSON.stringify(body);
  const isWellFormed = everyText(body, (text) => text.isWellFormed());
  if (isWellFormed && everyText(body, (text) => !text.includes('\0'))) return;
  const column = Math.max(json.search(/\\ud[89a-f]|\\u0000/), 1);
  const why = isWellFormed ? 'unexpected end of data' : 'no low surrogate in string';
  throw badRequest(
    `The request body is not valid JSON: ${why}: line 1 column ${column} (char ${column - 1})`,
  );
}

function everyText(value: unknown, isRight: (text: string) => boolean): boolean {
  if (typeof value === 'string') return isRight(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, part]) => isRight(key) && everyText(part, isRight));
}

function checkText({ type, text = '' }: Part, at: string): void {
  if (type !== 'text' || text.trim() !== '') return;
  const where = at.startsWith('system') ? 'system' : 'messages';
  throw badRequest(
    text === ''
      ? `${where}: text content blocks must be non-empty`
      : `${where}: text content blocks must contain non-whitespace text`,
  );
}

function checkNames(placed: readonly Placed[]): void {
  const ids = new Set<string>();
  for (const { part, at } of placed) {
    if (part.type !== 'tool_use') continue;
    const { id = '', name = '' } = part;
    if (!/^[a-zA-Z0-9_-]+$/.test(id)) {
      throw badRequest(`${at}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
    }
    if (name === '') throw badRequest(`${at}.tool_use.name: String should have at least 1 character`);
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(name)) {
      throw badRequest(`${at}.tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    }
    if (ids.has(id)) throw badRequest(`${at.replace('.tool_use', '')}: \`tool_use\` ids must be unique`);
    ids.add(id);
  }
}

function checkErrorResult({ part, at }: Placed): void {
  if (part.type !== 'tool_result' || !part.is_error) return;
  if (contentOf(part).every(({ type }) => type === 'text')) return;
  throw badRequest(`${at}.tool_result: all content must be type \`text\` if \`is_error\` is true`);
}

const MEDIA_TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

function checkImages(images: readonly Placed[]): void {
  if (images.length > MAX_IMAGES) {
    throw badRequest(`Too much media: 0 document pages + ${images.length} images > ${MAX_IMAGES}`);
  }
  const isMany = images.length > MANY_IMAGES;
  for (const { part, at } of images) {
    const { media_type = '', data = '' } = (part.source ?? {}) as { media_type?: string; data?: string };
    const where = `${at}.image.source.base64`;
    if (data.length > MAX_IMAGE_CHARS) {
      throw badRequest(
        `${where}: image exceeds 10 MB maximum: ${data.length} bytes > ${MAX_IMAGE_CHARS} bytes`,
      );
    }
    const { mediaType, width, height } = sizeOf(data);
    if (mediaType !== media_type) {
      throw badRequest(
        `${where}: The image was specified using the ${media_type} media type, but the image appears to be a ${mediaType} image`,
      );
    }
    const most = isMany ? EDGE.many : EDGE.few;
    if (Math.max(width, height) <= most) continue;
    const limit = isMany
      ? 'max allowed size for many-image requests: 2000 pixels'
      : 'max allowed size: 8000 pixels';
    throw badRequest(`${where}.data: At least one of the image dimensions exceed ${limit}`);
  }
}

function sizeOf(data: string): { mediaType: string; width: number; height: number } {
  try {
    const { type = '', width, height } = imageSize(Buffer.from(data, 'base64'));
    const mediaType = MEDIA_TYPES[type];
    if (mediaType) return { mediaType, width, height };
  } catch {
    // The API refuses this with the words for a type that it doesn't take.
  }
  throw badRequest('Could not process image');
}
