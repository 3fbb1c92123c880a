import { ErrorCode, type RequestId } from '@modelcontextprotocol/sdk/types.js';

type Fields = Record<string, unknown>;

/** Keys of a JSON-RPC message. An object without `jsonrpc` counts as a message only if it has nothing else; else it is a line of a log. */
const MESSAGE_KEYS = new Set(['id', 'method', 'params', 'result', 'error']);
/** Keys with data of the server's own, in which null has a meaning. */
const DATA_KEYS = new Set([
  'structuredContent',
  'inputSchema',
  'outputSchema',
  'requestedSchema',
  'arguments',
  'data',
]);
/** Words for an answer that has neither of the two parts. */
const NEITHER = 'The server answered with neither a result nor an error';
/** Depth down to which null counts as absent: message, result, list, part, annotations. Data of the server's own can lie deeper. */
const MAX_LEVELS = 8;

/**
 * Turns a message that only nearly is JSON-RPC into one. The SDK drops a message for a single wrong part: a server is lost then, or a call
 * waits for its time-out. Null counts as absent. Other values are returned unchanged.
 *
 * @param only id of the one request that waits for an answer; an answer without an id is that request's
 */
export function mendMessage(given: unknown, only?: RequestId): unknown {
  if (Array.isArray(given)) return given.map((one) => mendMessage(one, only));
  if (!isFields(given) || !isMessage(given)) return given;
  const { id: own, method, params, result, error } = withoutNulls(given) as Fields;
  const jsonrpc = '2.0';
  if (method !== undefined)
    return { jsonrpc, ...(own !== undefined && { id: own }), method, ...(isFields(params) && { params }) };
  const id = own ?? only;
  if (error !== undefined) return { jsonrpc, id, error: mendError(error) };
  // Nobody knows what such an answer says, so it is not taken for a success.
  if (!('result' in given) && !('error' in given)) return { jsonrpc, id, error: mendError(NEITHER) };
  return { jsonrpc, id, result: mendResult(result) };
}

function isMessage(given: Fields): boolean {
  const keys = Object.keys(given);
  if (!('jsonrpc' in given))
    return 'id' in given && keys.length > 1 && keys.every((key) => MESSAGE_KEYS.has(key));
  return keys.some((key) => MESSAGE_KEYS.has(key));
}

function mendError(given: unknown): { code: number; message: string; data?: unknown } {
  const { code: givenCode, message, data } = isFields(given) ? given : { message: given };
  const code = Number.isInteger(givenCode) ? Number(givenCode) : ErrorCode.InternalError;
  const why = data === undefined || data === null ? '' : `: ${JSON.stringify(data)}`;
  const silent = `The server answered with an error without a message (${code})${why}`;
  const text = typeof message === 'string' && message.trim() !== '' ? message : silent;
  return { code, message: text, ...(data !== undefined && { data }) };
}

function mendResult(given: unknown): Fields {
  if (given === undefined) return {};
  // Every result that is no object comes from a call: other requests have none.
  if (!isFields(given)) return { content: given };
  const { _meta, ...result } = given;
  const meta = isFields(_meta) && { _meta };
  if (typeof result.protocolVersion !== 'string') return { ...result, ...meta };
  const { capabilities, serverInfo, instructions, ...rest } = result;
  const { name, version } = isFields(serverInfo) ? serverInfo : {};
  return {
    ...rest,
    ...meta,
    capabilities: mendCapabilities(capabilities),
    serverInfo: { name: String(name ?? 'unnamed'), version: String(version ?? '') },
    ...(typeof instructions === 'string' && { instructions }),
  };
}

function mendCapabilities(given: unknown): Fields {
  // Without a word about its capabilities, a server is asked for its tools all the same.
  if (!isFields(given)) return { tools: {} };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      if (isFields(value)) return [[name, value]];
      return value === true ? [[name, {}]] : [];
    }),
  );
}

function withoutNulls(value: unknown, levels = MAX_LEVELS): unknown {
  if (levels === 0) return value;
  if (Array.isArray(value))
    return value.filter((part) => part !== null).map((part) => withoutNulls(part, levels - 1));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null)
      .map(([key, part]) => [key, DATA_KEYS.has(key) ? part : withoutNulls(part, levels - 1)]),
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
