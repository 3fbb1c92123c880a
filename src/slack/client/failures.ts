import { ErrorCode } from '@slack/web-api';
import { ConfigError, RemoteError } from '../../errors.js';
import { isTokenError } from '../token-errors.js';

/** Slack's error codes that another attempt can heal; any other is for good. */
const TRANSIENT = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

/** An error as the Web client throws it. */
interface SlackError {
  code?: string;
  message?: string;
  retryAfter?: number;
  statusCode?: number;
  data?: { error?: string; needed?: string; response_metadata?: { messages?: string[] } };
}

/** Classifies an error of the Web client. `code` is Slack's own error code where there is one. */
export function toRemoteError(method: string, error: unknown): RemoteError {
  if (error instanceof RemoteError) return error;
  const slack = (typeof error === 'object' && error !== null ? error : {}) as SlackError;
  if (slack.code === ErrorCode.RateLimitedError) {
    const retryAfterMs = (slack.retryAfter ?? 1) * 1000;
    const traits = { retryable: true, retryAfterMs, cause: error };
    return new RemoteError('ratelimited', `Slack limits ${method}`, traits);
  }
  if (slack.code === ErrorCode.PlatformError && slack.data?.error) {
    const code = slack.data.error;
    const details = slack.data.response_metadata?.messages ?? [];
    const needed = slack.data.needed ? `; add the scope ${slack.data.needed} and install the app again` : '';
    const message = [`Slack refused ${method}: ${code}${needed}`, ...details].join(' ');
    const traits = { retryable: TRANSIENT.has(code), operatorCanFix: isTokenError(code), cause: error };
    return new RemoteError(code, message, traits);
  }
  if (slack.code === ErrorCode.HTTPError && slack.statusCode !== undefined && slack.statusCode < 500) {
    const message = `Slack answered ${method} with HTTP ${slack.statusCode}`;
    return new RemoteError('http_error', message, { retryable: slack.statusCode === 429, cause: error });
  }
  const message = `Slack could not be reached for ${method}: ${slack.message ?? String(error)}`;
  return new RemoteError('unreachable', message, { retryable: true, cause: error });
}

export function isWrongToken(error: unknown): boolean {
  return isTokenError((error as SlackError | undefined)?.data?.error ?? '');
}

export function wrongBotToken(error: unknown): ConfigError {
  return wrongToken('SLACK_BOT_TOKEN', 'OAuth & Permissions → Bot User OAuth Token', error);
}

export function wrongAppToken(error: unknown): ConfigError {
  return wrongToken(
    'SLACK_APP_TOKEN',
    'Basic Information → App-Level Tokens, scope connections:write',
    error,
  );
}

function wrongToken(name: string, where: string, error: unknown): ConfigError {
  const code = (error as SlackError).data?.error;
  return new ConfigError(
    name,
    `${name}: Slack refuses this token (${code}). Copy it again from your app's page at api.slack.com/apps (${where}).`,
    { cause: error },
  );
}
