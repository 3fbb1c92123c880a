import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
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
  if (cause instanceof StreamableHTTPError && cause.code !== undefined) return fromStatus(cause.code, cause);
  const code = codeOf(cause);
  if (code !== undefined && NEVER_CONNECTED.test(code))
    return new ServerFailure(`it can't be reached (${code}).`, { cause });
  // The SDK throws this before it sends anything.
  if (cause instanceof Error && cause.message === 'Not connected')
    return new ServerFailure('it has ended.', { cause });
  return new ServerFailure(`the connection broke off (${code ?? messageOf(cause)}).`, { sent: true, cause });
}

function fromStatus(status: number, cause: Error): ServerFailure {
  if (status === 401 || status === 403) {
    const message = `it refuses the credentials (${status}). Check its headers in MCP_CONFIG.`;
    return new ServerFailure(message, { isTransient: false, cause });
  }
  if (status >= 300 && status < 500 && status !== 408)
    return new ServerFailure(`it refused the request with status ${status}.`, { cause });
  const message = status < 0 ? 'its answer was not MCP’s.' : `it answered with status ${status}.`;
  return new ServerFailure(message, { sent: true, cause });
}

/** Failed starts that only an operator can fix, by the system's error code. */
const CANNOT_START: Partial<Record<string, string>> = {
  ENOENT: 'its command was not found. Check command and cwd in MCP_CONFIG.',
  EACCES: 'its command may not be run (EACCES).',
};

/** Makes the failure of a server that could not be started. */
export function classifyStartFailure(cause: unknown): ServerFailure {
  const final = CANNOT_START[codeOf(cause) ?? ''];
  if (final) return new ServerFailure(final, { isTransient: false, cause });
  const failure = classifyFailure(cause);
  if (!failure.sent || cause instanceof StreamableHTTPError) return failure;
  const code = cause instanceof McpError ? cause.code : undefined;
  if (code === ErrorCode.ConnectionClosed) return failure.reworded('it ended as soon as it was started.');
  if (code === ErrorCode.RequestTimeout) return failure.reworded('it does not answer.');
  return failure.reworded(`${messageOf(cause).replace(/^MCP error -?\d+: /, '')}.`);
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
