import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { RemoteError } from '../../errors.js';

/** What keeps a request from being sent at all: no connection came about. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

/** Why a server can't be used just now. */
export interface Problem {
  /** A sentence. */
  reason: string;
  /** Whether it may pass by itself. */
  passes: boolean;
}

/** What is known of a call that brought no answer. */
export type Lost =
  /** The request did not reach the server, or was refused before anything was done. */
  | { sent: false; problem: Problem }
  /** Nobody knows whether it was carried out. */
  | { sent: true; why: string };

/** The connection can't be used; the call did not happen. */
export function unavailable(server: string, { reason, passes }: Problem): RemoteError {
  const message = `The MCP server ${server} is not available: ${reason}`;
  // What doesn't pass by itself, a new token or a changed file can heal.
  return new RemoteError('ToolUnavailable', message, { retryable: passes, mendable: !passes });
}

/** Nobody offers such a tool; the call did not happen. */
export function unknownTool(name: string): RemoteError {
  return new RemoteError('ToolUnavailable', `There is no tool ${name}, so it was not called.`, {
    retryable: false,
  });
}

/** The call may have happened. */
export function answerLost(server: string, tool: string, why: string): RemoteError {
  const message = `Whether ${tool} of the MCP server ${server} was carried out is not known: ${why}`;
  return new RemoteError('AnswerLost', message, { retryable: false });
}

/**
 * Tells what an error of the SDK means for a request. When in doubt, it was sent: a 4xx is a refusal, everything that comes after
 * a connection was made may have followed the deed.
 */
export function whatIsLost(error: unknown): Lost {
  if (error instanceof StreamableHTTPError && error.code !== undefined) return fromStatus(error.code);
  const code = codeOf(error);
  if (code !== undefined && NEVER_CONNECTED.test(code)) {
    return { sent: false, problem: { reason: `it can't be reached (${code}).`, passes: true } };
  }
  // The protocol has no connection any more, and says so before it sends.
  if (error instanceof Error && error.message === 'Not connected') {
    return { sent: false, problem: { reason: 'it has ended.', passes: true } };
  }
  return { sent: true, why: `the connection broke off (${code ?? messageOf(error)}).` };
}

function fromStatus(status: number): Lost {
  if (status === 401 || status === 403) {
    const reason = `it refuses the credentials (${status}). Check its headers in MCP_CONFIG.`;
    return { sent: false, problem: { reason, passes: false } };
  }
  if (status >= 300 && status < 500 && status !== 408) {
    return {
      sent: false,
      problem: { reason: `it refused the request with status ${status}.`, passes: true },
    };
  }
  return { sent: true, why: status < 0 ? 'its answer was not MCP’s.' : `it answered with status ${status}.` };
}

/** Why a server could not be started, in a sentence. */
export function whyNotStarted(error: unknown): Problem {
  const code = codeOf(error);
  if (code === 'ENOENT') {
    return { reason: 'its command was not found. Check command and cwd in MCP_CONFIG.', passes: false };
  }
  if (code === 'EACCES') return { reason: 'its command may not be run (EACCES).', passes: false };
  const lost = whatIsLost(error);
  if (!lost.sent) return lost.problem;
  if (error instanceof StreamableHTTPError) return { reason: lost.why, passes: true };
  if (error instanceof McpError && error.code === ErrorCode.ConnectionClosed) {
    return { reason: 'it ended as soon as it was started.', passes: true };
  }
  if (error instanceof McpError && error.code === ErrorCode.RequestTimeout) {
    return { reason: 'it does not answer.', passes: true };
  }
  return { reason: `${messageOf(error).replace(/^MCP error -?\d+: /, '')}.`, passes: true };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, cause } = error as Error & { code?: unknown };
  return typeof code === 'string' ? code : codeOf(cause);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What `fetch` says of a failure is in its cause.
  return error.cause instanceof Error && error.message === 'fetch failed'
    ? error.cause.message
    : error.message;
}
