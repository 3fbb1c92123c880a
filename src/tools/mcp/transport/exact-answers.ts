import { ReadBuffer } from '@modelcontextprotocol/sdk/shared/stdio.js';
import {
  ErrorCode,
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type JSONRPCResponse,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { reasonOf } from '../../../platform/errors.js';
import { quoteInexactNumbers } from '../../../platform/exact-json.js';
import { UNSUPPORTED_VERSION } from '../failures.js';
import { mendMessage } from './mend-message.js';

/** Reads a server's lines as the SDK does, but mends messages, and keeps long integers of structured answers exact. */
export class ExactReadBuffer extends ReadBuffer {
  /** Ids of the requests without an answer. */
  readonly #open = new Set<RequestId>();

  /** Must be called with each message to the server. */
  noteSent(message: JSONRPCMessage): void {
    if (!('method' in message)) return;
    if ('id' in message) this.#open.add(message.id);
    else if (message.method === 'notifications/cancelled')
      this.#open.delete(message.params?.requestId as RequestId);
  }

  override readMessage(): JSONRPCMessage | null {
    const held: Buffer | undefined = Reflect.get(this, '_buffer');
    const end = held?.indexOf('\n') ?? -1;
    if (!held || end < 0) return null;
    Reflect.set(this, '_buffer', held.subarray(end + 1));
    const line = held.toString('utf8', 0, end).replace(/^\uFEFF/, '');
    const [only, ...others] = this.#open;
    const mended = readMessage(line, others.length === 0 ? only : undefined);
    const [first, ...more] = Array.isArray(mended) ? mended : [mended];
    // The SDK takes one message of a line; the others of a list follow as lines of their own.
    const lines = more.map((one) => `${JSON.stringify(one)}\n`).join('');
    if (lines !== '')
      Reflect.set(this, '_buffer', Buffer.concat([Buffer.from(lines), held.subarray(end + 1)]));
    const message = JSONRPCMessageSchema.parse(first);
    if (!('method' in message)) this.#open.delete(Number(message.id));
    return message;
  }
}

/**
 * Mends the messages of an answer over HTTP, and keeps long integers of structured answers exact.
 *
 * @param request id of the request that is answered, if it was one
 */
export async function withReadableAnswer(response: Response, request?: RequestId): Promise<Response> {
  const { status, statusText, headers, body } = response;
  const type = headers.get('content-type') ?? '';
  if (!body) return response;
  if (type.includes('text/event-stream')) {
    const read = (json: string) => rewrite(json, request);
    return new Response(ReadableStream.from(readEvents(body, read)), { status, statusText, headers });
  }
  const isRedirect = status >= 300 && status < 400;
  if (request === undefined || isRedirect || STATUS_SAYS_IT_ALL.has(status)) return response;
  const text = await response.text();
  const messages = [tryRead(text, request)].flat();
  const answers = messages.filter(isAnswer);
  const named = new Headers(headers);
  // An error of MCP is an answer, also under a status that tells of an error.
  const isForUs = response.ok ? answers.length > 0 : isErrorFor(request, answers[0], { status, text });
  // The SDK takes JSON for an answer, and would wait for another one where this is none.
  named.set('content-type', isForUs ? 'application/json' : 'text/plain');
  if (!isForUs) return new Response(text, { status, statusText, headers: named });
  // Some servers number their answers themselves. A response answers its request, whatever its id.
  const ours = messages.map((one) => (isAnswer(one) && answers.length === 1 ? { ...one, id: request } : one));
  const json = JSON.stringify(ours);
  return new Response(json, { status: 200, headers: named });
}

/** Statuses that concern the connection: credentials, or a session that the server doesn't know. Also statuses without a content. */
const STATUS_SAYS_IT_ALL = new Set([202, 204, 205, 401, 403, 404]);

function isAnswer(message: unknown): message is JSONRPCResponse {
  return isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
}

/** Errors that are about a call, whatever the status. With other codes, servers tell of a session that they don't know. */
const ABOUT_THE_CALL = new Set<number>([
  ErrorCode.MethodNotFound,
  ErrorCode.InvalidParams,
  ErrorCode.InternalError,
  UNSUPPORTED_VERSION,
]);

function isErrorFor(
  request: RequestId,
  message: JSONRPCResponse | undefined,
  { status, text }: { status: number; text: string },
): boolean {
  // Mending gives each error an id, so the text must have had it.
  if (!isJSONRPCErrorResponse(message) || Number(idIn(text)) !== request) return false;
  return status >= 500 || ABOUT_THE_CALL.has(message.error.code);
}

async function* readEvents(
  stream: AsyncIterable<Uint8Array>,
  read: (json: string) => string,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  const keep = (lines: string) =>
    Buffer.from(lines.replaceAll(/^data:[^\r\n]*/gm, (line) => `data:${read(line.slice(5))}`));
  let rest = '';
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    if (end > 0) yield keep(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  }
  if (rest !== '') yield keep(rest);
}

function rewrite(json: string, request: RequestId | undefined): string {
  const message = tryRead(json, request);
  if (message === undefined) return json;
  return JSON.stringify(isAnswer(message) && request !== undefined ? { ...message, id: request } : message);
}

function tryRead(json: string, request: RequestId | undefined): unknown {
  try {
    return readMessage(json, request);
  } catch {
    return undefined;
  }
}

/** Finds the id in the text of a message. It stands first or last; elsewhere it may be a part of the result. */
function idIn(text: string): string | undefined {
  const first = /^\s*\{(?:\s*"jsonrpc"\s*:\s*"2\.0"\s*,)?\s*"id"\s*:\s*"?(\d+)/.exec(text);
  return (first ?? /,\s*"id"\s*:\s*"?(\d+)"?\s*\}\s*$/.exec(text))?.[1];
}

const BEGINS_AS_MESSAGE = /^\s*(?:\[\s*)?\{\s*"/;

/**
 * Reads and mends a message. An answer that is no valid JSON, such as one with NaN in it, becomes an error: nothing else would end its
 * call.
 *
 * @throws SyntaxError for other text
 */
function readMessage(json: string, only: RequestId | undefined): unknown {
  try {
    return mendMessage(JSON.parse(keepDigits(json)), only);
  } catch (error) {
    const id = only ?? idIn(json);
    // A line of a log may quote an answer; the answer itself is a line of its own.
    const isAnswer =
      BEGINS_AS_MESSAGE.test(json) && json.includes('"jsonrpc"') && /"(result|error)"\s*:/.test(json);
    if (id === undefined || !isAnswer) throw error;
    const message = `The server answered, but not in valid JSON, so its answer can't be read (${reasonOf(error)}).`;
    return { jsonrpc: '2.0', id, error: { code: ErrorCode.ParseError, message } };
  }
}

/**
 * Turns integers beyond 2^53 of a structured answer into texts, which reach the model with all their digits. Other messages stay as they
 * are: a schema may have such a number as a limit.
 */
function keepDigits(json: string): string {
  const quoted = json.includes('"structuredContent"') ? quoteInexactNumbers(json) : json;
  if (quoted === json) return json;
  try {
    const messages: unknown[] = [JSON.parse(json)].flat();
    return messages.some(isStructured) ? quoted : json;
  } catch {
    return json;
  }
}

function isStructured(message: unknown): boolean {
  const { result } = { ...(message as { result?: unknown } | null) };
  return typeof result === 'object' && result !== null && 'structuredContent' in result;
}
