import { SseError } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { LATEST_PROTOCOL_VERSION, McpError } from '@modelcontextprotocol/sdk/types.js';
import { RemoteError, reasonOf } from '../../platform/errors.js';

/** Error codes without a connection, so the request was never sent. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

/** A server is unavailable, or a call got no answer. The message is a sentence with the reason. */
export class ServerFailure extends Error {
  /** True if the call may have reached the server, so its effect is unknown. */
  readonly sent: boolean;
  /** True if the failure may pass without help. */
  readonly isTransient: boolean;

  constructor(message: string, traits: { sent?: boolean; isTransient?: boolean; cause?: unknown } = {}) {
    super(message, { cause: traits.cause });
    this.sent = traits.sent ?? false;
    this.isTransient = traits.isTransient ?? true;
  }

  reworded(message: string): ServerFailure {
    return new ServerFailure(message, this);
  }
}

/** Makes the error for an unavailable server; the call did not happen. */
export function unavailable(server: string, { message, isTransient }: ServerFailure): RemoteError {
  // A lasting failure needs an operator: a new token, or a changed file.
  const traits = { retryable: isTransient, operatorCanFix: !isTransient };
  return new RemoteError('ToolUnavailable', `The MCP server ${server} is not available: ${message}`, traits);
}

/** Makes the error for an unknown tool; the call did not happen. */
export function unknownTool(name: string): RemoteError {
  return new RemoteError('UnknownTool', `There is no tool ${name}, so it was not called.`);
}

/** Makes the error for a tool that is not the one that was decided about; the call did not happen. */
export function toolChanged(server: string, name: string): RemoteError {
  const message = `The MCP server ${server} has changed ${name} since this call was asked for, so it was not called. Look at the tool as it is now, and ask for the call again if it still fits.`;
  return new RemoteError('ToolChanged', message);
}

/** Makes the error for a call that may have happened. */
export function answerLost(server: string, tool: string, why: string): RemoteError {
  const message = `It is not known whether ${tool} of the MCP server ${server} was carried out: ${why}`;
  return new RemoteError('AnswerLost', message);
}

/** Classifies an error of the SDK. Only a 4xx, or a missing connection, proves that the call was not sent. */
export function classifyFailure(cause: unknown): ServerFailure {
  if (cause instanceof ServerFailure) return cause;
  const status = statusOf(cause);
  if (status !== undefined) return fromStatus(status, cause as Error);
  const code = codeOf(cause);
  if (code !== undefined && NEVER_CONNECTED.test(code))
    return new ServerFailure(`it can't be reached (${code}).`, { cause });
  // The SDK throws this before it sends anything.
  if (cause instanceof Error && cause.message === 'Not connected')
    return new ServerFailure('it has ended.', { cause });
  return new ServerFailure(`the connection broke off (${code ?? messageOf(cause)}).`, { sent: true, cause });
}

/** Status of an error of one of the SDK's transports over HTTP; -1: the answer's content type was not MCP's. */
export function statusOf(cause: unknown): number | undefined {
  if (cause instanceof StreamableHTTPError || cause instanceof SseError) return cause.code;
  // The SDK's older transport puts the status of a request into the text alone.
  const [, status] = /^Error POSTing to endpoint \(HTTP (\d+)\)/.exec(reasonOf(cause)) ?? [];
  return status === undefined ? undefined : Number(status);
}

function fromStatus(status: number, cause: Error): ServerFailure {
  if (status === 401 || status === 403) {
    const message = `it refuses the credentials (${status}). Check its headers in MCP_CONFIG.`;
    return new ServerFailure(message, { isTransient: false, cause });
  }
  const said = saidIn(cause);
  if (status >= 300 && status < 500 && status !== 408)
    return new ServerFailure(`it refused the request with status ${status}${said}.`, { cause });
  const message = status < 0 ? "its answer was not MCP's." : `it answered with status ${status}${said}.`;
  return new ServerFailure(message, { sent: true, cause });
}

/** Limit for a server's own words in a failure's message, in characters. */
const MAX_SAID = 200;

/** Words of a server with a status: the message of a JSON error, or a plain text. A page of HTML says nothing. */
function saidIn({ message }: Error): string {
  const body = /Error POSTing to endpoint(?: \(HTTP \d+\))?: (.*)$/s.exec(message)?.[1]?.trim() ?? '';
  const [, text = body.startsWith('{') || body.startsWith('<') ? '' : body] =
    /"(?:message|error_description|error|detail)"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body) ?? [];
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line === '' || line === 'null') return '';
  return `: ${cut(line)}`;
}

const cut = (text: string) => (text.length > MAX_SAID ? `${[...text].slice(0, MAX_SAID).join('')}…` : text);

/** Failed starts that only an operator can fix, by the system's error code. */
const CANNOT_START: Partial<Record<string, string>> = {
  ENOENT: 'its command was not found. Check command and cwd in MCP_CONFIG; arguments belong in args.',
  EACCES: 'its command may not be run (EACCES).',
};

/** Makes the failure of a server that could not be started. */
export function classifyStartFailure(cause: unknown): ServerFailure {
  const final = CANNOT_START[codeOf(cause) ?? ''];
  if (final) return new ServerFailure(final, { isTransient: false, cause });
  const version = unknownVersionIn(cause);
  if (version) return new ServerFailure(version, { isTransient: false, cause });
  const failure = classifyFailure(cause);
  if (!failure.sent || statusOf(cause) !== undefined) return failure;
  // Servers use the SDK's own codes too, so its texts must be compared.
  const text = messageOf(cause).replace(/^(MCP error -?\d+: )+/, '');
  if (text === 'Connection closed') return failure.reworded('it ended as soon as it was started.');
  if (text === 'Request timed out') return failure.reworded('it does not answer.');
  // The SDK has a Zod of its own, so the class can't be compared.
  const [issue] = (cause as { issues?: { path: PropertyKey[]; message: string }[] }).issues ?? [];
  if (issue) return failure.reworded(`its answer was not MCP's (${issue.path.join('.')}: ${issue.message}).`);
  return failure.reworded(`${cut(text).replace(/\.$/, '')}.`);
}

/** Code of MCP 2026-07-28 for a version that a server doesn't speak; its data names the versions that the server speaks. */
export const UNSUPPORTED_VERSION = -32_022;

/** Explains that a server speaks other versions of MCP only; undefined for other errors. */
function unknownVersionIn(cause: unknown): string | undefined {
  const echoed = /^Server's protocol version is not supported: (.*)$/.exec(reasonOf(cause))?.[1];
  const { supported } = { ...((cause instanceof McpError && cause.data) as { supported?: unknown }) };
  const isRefused = cause instanceof McpError && Number(cause.code) === UNSUPPORTED_VERSION;
  if (echoed === undefined && !isRefused) return undefined;
  const versions = echoed ?? (Array.isArray(supported) ? supported.join(', ') : 'a later version');
  return `it speaks MCP ${versions}, which is not supported here (${LATEST_PROTOCOL_VERSION} is the latest). Use a version of the server that speaks an earlier one, too.`;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, cause } = error as Error & { code?: unknown };
  return typeof code === 'string' ? code : codeOf(cause);
}

function messageOf(error: unknown): string {
  const isFetch = error instanceof Error && error.message === 'fetch failed' && error.cause !== undefined;
  // `fetch` puts the reason of a failure into `cause`.
  return reasonOf(isFetch ? error.cause : error);
}
