import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { RemoteError } from '../../errors.js';

/** Error codes of a request that was never sent, because no connection came about. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

/** The reason why a server can't be used just now. */
export interface Problem {
  /** A sentence. */
  reason: string;
  /** It may pass by itself. */
  isTransient: boolean;
}

/** A call that brought no answer, and what is known of it. */
export type CallFailure =
  /** The request did not reach the server, or was refused before anything was done. */
  | { sent: false; problem: Problem }
  /** Nobody knows whether it was carried out. */
  | { sent: true; why: string };

/** Makes the error of a server that can't be used; the call did not happen. */
export function unavailable(server: string, { reason, isTransient }: Problem): RemoteError {
  const message = `The MCP server ${server} is not available: ${reason}`;
  // Where it doesn't pass by itself, an operator can help: a new token, a changed file.
  return new RemoteError('ToolUnavailable', message, {
    retryable: isTransient,
    operatorCanFix: !isTransient,
  });
}

/** Makes the error of a tool that no server offers; the call did not happen. */
export function unknownTool(name: string): RemoteError {
  return new RemoteError('UnknownTool', `There is no tool ${name}, so it was not called.`, {
    retryable: false,
  });
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
export function classifyFailure(error: unknown): CallFailure {
  if (error instanceof StreamableHTTPError && error.code !== undefined) return fromStatus(error.code);
  const code = codeOf(error);
  if (code !== undefined && NEVER_CONNECTED.test(code)) {
    return { sent: false, problem: { reason: `it can't be reached (${code}).`, isTransient: true } };
  }
  // The protocol has no connection any more, and says so before it sends.
  if (error instanceof Error && error.message === 'Not connected') {
    return { sent: false, problem: { reason: 'it has ended.', isTransient: true } };
  }
  return { sent: true, why: `the connection broke off (${code ?? messageOf(error)}).` };
}

function fromStatus(status: number): CallFailure {
  if (status === 401 || status === 403) {
    const reason = `it refuses the credentials (${status}). Check its headers in MCP_CONFIG.`;
    return { sent: false, problem: { reason, isTransient: false } };
  }
  if (status >= 300 && status < 500 && status !== 408) {
    return {
      sent: false,
      problem: { reason: `it refused the request with status ${status}.`, isTransient: true },
    };
  }
  return { sent: true, why: status < 0 ? 'its answer was not MCP’s.' : `it answered with status ${status}.` };
}

/** Explains, in a sentence, why a server could not be started. */
export function explainStartFailure(error: unknown): Problem {
  const code = codeOf(error);
  if (code === 'ENOENT') {
    return { reason: 'its command was not found. Check command and cwd in MCP_CONFIG.', isTransient: false };
  }
  if (code === 'EACCES') return { reason: 'its command may not be run (EACCES).', isTransient: false };
  const failure = classifyFailure(error);
  if (!failure.sent) return failure.problem;
  if (error instanceof StreamableHTTPError) return { reason: failure.why, isTransient: true };
  if (error instanceof McpError && error.code === ErrorCode.ConnectionClosed) {
    return { reason: 'it ended as soon as it was started.', isTransient: true };
  }
  if (error instanceof McpError && error.code === ErrorCode.RequestTimeout) {
    return { reason: 'it does not answer.', isTransient: true };
  }
  return { reason: `${messageOf(error).replace(/^MCP error -?\d+: /, '')}.`, isTransient: true };
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
