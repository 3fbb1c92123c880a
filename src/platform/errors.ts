/** Secrets in texts: Slack's tokens, keys, passwords in addresses, fields of Slack's payloads, and addresses that act for somebody. */
const SECRETS: [RegExp, string][] = [
  [/\bx(?:ox[a-z]|app)-[\w-]+/g, '[token]'],
  [/\bsk-[\w-]{16,}/g, '[key]'],
  [/\b(?:ABSK|ya29\.)[\w+/=.-]{16,}/g, '[key]'],
  [/(\/\/[^\s:/@"]*):[^\s/@"]+@/g, '$1:…@'],
  [/((?:token|response_url)\\*"\s*:\s*\\*")(?:\\+\/|[^"\\])+/g, '$1[redacted]'],
  [/\b((?:token|response_url)=)[^&\s"\\]+/g, '$1[redacted]'],
  [/\bwss?:\/\/[^\s"\\]+/g, '[socket]'],
];

/** Replaces the secrets in a text. Every log line and every error's message goes through here. */
export function hideSecrets(text: string): string {
  return SECRETS.reduce((shown, [secret, word]) => shown.replace(secret, word), text);
}

/** Base class of all errors: a stable `code` for programs, a message that a person can act on, and the `cause`. */
export class CountersignError extends Error {
  override readonly name: string = 'CountersignError';

  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(hideSecrets(message), options);
  }
}

/** A setting is missing or wrong. The message names the setting and its remedy. The start ends. */
export class ConfigError extends CountersignError {
  override readonly name = 'ConfigError';
}

/** Slack, the model or a tool's server refused a request, or could not be reached. The traits decide the run's reaction. */
export class RemoteError extends CountersignError {
  override readonly name = 'RemoteError';
  /** True if a retry can succeed. @default false */
  readonly retryable: boolean;
  /** Wait that the other side asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** True if no retry helps, but an operator can, for example with a new token. @default false */
  readonly operatorCanFix: boolean;

  constructor(code: string, message: string, traits: Partial<FailureTraits> = {}) {
    super(code, message, { cause: traits.cause });
    this.retryable = traits.retryable ?? false;
    this.retryAfterMs = traits.retryAfterMs;
    this.operatorCanFix = traits.operatorCanFix ?? false;
  }
}

type FailureTraits = Pick<RemoteError, 'retryable' | 'retryAfterMs' | 'operatorCanFix' | 'cause'>;

/** Reads the message of any thrown value. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
