import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { ConfigError, RemoteError, reasonOf } from '../../../platform/errors.js';
import { isTokenError } from '../../token-errors.js';
import { errorClassOf } from './error-codes.js';

/** Remedies for an operator, by Slack's error code. */
const REMEDIES: Record<string, string> = {
  accesslimited: 'allow the address of this server in the settings of the workspace',
  two_factor_setup_required: 'set up two-factor authentication for the account that installed the app',
};

/** Added to the message of an error that only a change of this code can end. */
const OURS = 'This is a fault of Countersign: please report it with the id of the run.';

/** Classifies an error of the Web client. `code` is Slack's error code, if there is one. */
export function toRemoteError(method: string, error: unknown): RemoteError {
  if (error instanceof RemoteError) return error;
  const cause = error;
  if (error instanceof WebAPIRateLimitedError) {
    const retryAfterMs = error.retryAfter * 1000;
    return new RemoteError('ratelimited', `Slack limits ${method}`, { retryable: true, retryAfterMs, cause });
  }
  if (error instanceof WebAPIPlatformError) {
    const { error: code, response_metadata, needed } = error.data as typeof error.data & { needed?: string };
    const scope = needed && `add the scope ${needed} and install the app again`;
    const remedy = scope || REMEDIES[code];
    const kind = errorClassOf(code);
    const refused = `Slack refused ${method}: ${code}${remedy ? `; ${remedy}` : ''}`;
    const details = [refused, ...(response_metadata?.messages ?? [])].join(' ');
    const message = kind === 'ours' ? `${details}. ${OURS}` : details;
    const traits = { retryable: kind === 'heals', operatorCanFix: kind === 'operator', cause };
    return new RemoteError(code, message, traits);
  }
  if (error instanceof WebAPIHTTPError && error.statusCode < 500) {
    const message = `Slack answered ${method} with HTTP ${error.statusCode}`;
    return new RemoteError('http_error', message, { retryable: error.statusCode === 429, cause });
  }
  const why = rootReasonOf(error);
  return new RemoteError('unreachable', `Slack could not be reached for ${method}: ${why}`, {
    retryable: true,
    cause,
  });
}

/** Reads the message of the innermost cause: that of a failed request names the address and the problem. */
function rootReasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  return inner instanceof Error ? rootReasonOf(inner) : reasonOf(error);
}

/** Reads Slack's error code from an error of the Web client or of Socket Mode; empty without one. */
function codeOf(error: unknown): string {
  return (error as { data?: { error?: string } } | undefined)?.data?.error ?? '';
}

export function isWrongToken(error: unknown): boolean {
  return isTokenError(codeOf(error));
}

export function wrongBotToken(error: unknown): ConfigError {
  return wrongToken('SLACK_BOT_TOKEN', 'OAuth & Permissions → Bot User OAuth Token', error);
}

export function wrongAppToken(error: unknown): ConfigError {
  const where = 'Basic Information → App-Level Tokens, scope connections:write';
  return wrongToken('SLACK_APP_TOKEN', where, error);
}

function wrongToken(name: string, where: string, cause: unknown): ConfigError {
  const refused = `Slack refuses this token (${codeOf(cause)})`;
  const remedy = `Copy it again from your app's page at api.slack.com/apps (${where}).`;
  return new ConfigError(name, `${name}: ${refused}. ${remedy}`, { cause });
}
