/** Longest name of a tool in Claude's Messages API, on every endpoint. It may hold letters, digits, `_` and `-`. */
export const MAX_TOOL_NAME = 64;
/** Limit for a tool's description, in characters. The model gets it in every turn. */
export const MAX_DESCRIPTION = 4_000;

/** Limit for the nesting of a schema and of an answer, in levels. Deeper ones end functions that go through them. */
export const MAX_DEPTH = 100;

/** Limit for the text of one answer, in bytes. Temporal refuses payloads over 2 MB, and the model rereads the text in every turn. */
export const MAX_TEXT_BYTES = 100_000;
/** Limit for one image, in Base64 characters. Temporal's limit for a whole answer is 2 MB; the Messages API's is higher. */
export const MAX_IMAGE_CHARS = 1_000_000;
/** Limit for all images in one answer, in Base64 characters. */
export const MAX_IMAGES_CHARS = 1_500_000;
/** Limit for the images in one answer. The Messages API takes 100 in a request, over the whole conversation. */
export const MAX_IMAGES = 10;
/** Limit for an image's longer edge, in pixels. The Messages API refuses a whole request over a larger image. */
export const MAX_IMAGE_EDGE = 8_000;

/** Time-out of a call, in milliseconds. Its activity has five minutes. */
export const CALL_TIMEOUT_MS = 270_000;
/** Longest wait for a server at the start, or for a restart before a call, in milliseconds. */
export const START_WITHIN_MS = 5_000;
/** Time-out of one start of a server, in milliseconds: npx may have to download it. */
export const CONNECT_TIMEOUT_MS = 60_000;

export function isTooDeep(value: unknown, levels: number = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isTooDeep(part, levels - 1));
}
