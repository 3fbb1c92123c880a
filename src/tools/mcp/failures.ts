import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { RemoteError } from '../../errors.js';

/** Error codes of a request that was never sent, because no connection came about. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

/** A server can't be used just now, or a call to it brought no answer. The message is a sentence that says why. */
export class ServerFailure extends Error {
  /** The call may have reached the server: nobody knows whether it was carried out. */
  readonly sent: boolean;
  /** The failure may pass by itself. */
  readonly isTransient: boolean;

  constructor(message: string, { sent = false, isTransient = true, cause }: FailureOptions = {}) {
    super(message, { cause });
    this.sent = sent;
    this.isTransient = isTransient;
  }

  /** Makes the same failure in other words. */
  reworded(message: string): ServerFailure {
    return new ServerFailure(message, this);
  }
}

interface FailureOptions {
  /** @default false */
  sent?: boolean;
  /** @default true */
  isTransient?: boolean;
  cause?: unknown;
}

/** Makes the error of a server that can't be used; the call did not happen. */
export function unavailable(server: string, { message, isTransient }: ServerFailure): RemoteError {
  // Where it doesn't pass by itself, an operator can help: a new token, a changed file.
  const traits = { retryable: isTransient, operatorCanFix: !isTransient };
  return new RemoteError('ToolUnavailable', `The MCP server ${server} is not available: ${message}`, traits);
}

/** Makes the error of a tool that no server offers; the call did not happen. */
export function unknownTool(name: string): RemoteError {
  const message = `There is no tool ${name}, so it was not called.`;
  return new RemoteError('UnknownTool', message, { retryable: false });
}

/** Makes the error of a call that may have happened. */
export function answerLost(server: string, tool: string, why: string): RemoteError {
  const message = `Whether ${tool} of the MCP server ${server} was carried out is not known: ${why}`;
  return new RemoteError('AnswerLost', message, { retryable: false });
}

/**
 * Tells what an error of the SDK means for a call. When in doubt, it was sent: a 4xx is a refusal, and everything else after the
 * connection was made may have come after the deed.
 */
export function classifyFailure(cause: unknown): ServerFailure {
  if (cause instanceof StreamableHTTPError && cause.code !== undefined) return fromStatus(cause.code, cause);
  const code = codeOf(cause);
  if (code !== undefined && NEVER_CONNECTED.test(code)) {
    return new ServerFailure(`it can't be reached (${code}).`, { cause });
  }
  // The protocol has no connection any more, and says so before it sends.
  if (cause instanceof Error && cause.message === 'Not connected') {
    return new ServerFailure('it has ended.', { cause });
  }
  return new ServerFailure(`the connection broke off (${code ?? messageOf(cause)}).`, { sent: true, cause });
}

function fromStatus(status: number, cause: Error): ServerFailure {
  if (status === 401 || status === 403) {
    const message = `it refuses the credentials (${status}). Check its headers in MCP_CONFIG.`;
    return new ServerFailure(message, { isTransient: false, cause });
  }
  if (status >= 300 && status < 500 && status !== 408) {
    return new ServerFailure(`it refused the request with status ${status}.`, { cause });
  }
  const message = status < 0 ? 'its answer was not MCP’s.' : `it answered with status ${status}.`;
  return new ServerFailure(message, { sent: true, cause });
}

/** Tells why a server could not be started. */
export function classifyStartFailure(cause: unknown): ServerFailure {
  const code = codeOf(cause);
  if (code === 'ENOENT') {
    const message = 'its command was not found. Check command and cwd in MCP_CONFIG.';
    return new ServerFailure(message, { isTransient: false, cause });
  }
  if (code === 'EACCES') {
    return new ServerFailure('its command may not be run (EACCES).', { isTransient: false, cause });
  }
  const failure = classifyFailure(cause);
  if (!failure.sent || cause instanceof StreamableHTTPError) return failure;
  const isMcp = cause instanceof McpError;
  if (isMcp && cause.code === ErrorCode.ConnectionClosed) {
    return failure.reworded('it ended as soon as it was started.');
  }
  if (isMcp && cause.code === ErrorCode.RequestTimeout) return failure.reworded('it does not answer.');
  return failure.reworded(`${messageOf(cause).replace(/^MCP error -?\d+: /, '')}.`);
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, cause } = error as Error & { code?: unknown };
  return typeof code === 'string' ? code : codeOf(cause);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // `fetch` gives the reason of a failure in its cause.
  return error.cause instanceof Error && error.message === 'fetch failed'
    ? error.cause.message
    : error.message;
}
