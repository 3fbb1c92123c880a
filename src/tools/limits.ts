/** Claude's Messages API takes names of letters, digits, `_` and `-`, 64 at most on every endpoint that speaks it. */
export const MAX_TOOL_NAME = 64;
/** Characters of a tool's description: it goes to the model in every turn. */
export const MAX_DESCRIPTION = 4_000;

/** Bytes of text in one answer. Temporal refuses payloads over 2 MB, and the model reads the text again in every turn. */
export const MAX_TEXT_BYTES = 100_000;
/** Base64 characters of one image; the Messages API's own limit is higher, Temporal's for all of an answer is 2 MB. */
export const MAX_IMAGE_CHARS = 1_000_000;
/** Base64 characters of all images in one answer. */
export const MAX_IMAGES_CHARS = 1_500_000;
/** Images in one answer; the Messages API takes 100 in a request, over all of the conversation. */
export const MAX_IMAGES = 10;
/** Pixels of an image's longer edge: the Messages API refuses the whole request over one that is larger. */
export const MAX_IMAGE_EDGE = 8_000;

/** Time-out of a call, in milliseconds: the activity around it has five minutes. */
export const CALL_TIMEOUT_MS = 270_000;
/** Wait of a start for a server, and of a call for one that is being started again, in milliseconds. */
export const START_WITHIN_MS = 5_000;
/** Time-out of one attempt to start a server, in milliseconds: npx may have to fetch it first. */
export const CONNECT_TIMEOUT_MS = 60_000;
