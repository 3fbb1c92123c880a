/** Base of every error of ours: a stable `code` for programs, a message a person can act on, the `cause` kept. */
export class CountersignError extends Error {
  override readonly name: string = 'CountersignError';

  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** A setting is missing or wrong; the message names it and says how to get it. Ends the start. */
export class ConfigError extends CountersignError {
  override readonly name = 'ConfigError';
}

/** Slack, the model or a tool's server refused, or could not be reached. The traits decide what the run does about it. */
export class RemoteError extends CountersignError {
  override readonly name = 'RemoteError';
  /** Another attempt can succeed. @default false */
  readonly retryable: boolean;
  /** The wait that the other side asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** No retry helps, but an operator can: a new token, an installed app. @default false */
  readonly operatorCanFix: boolean;

  constructor(code: string, message: string, traits: Partial<FailureTraits> = {}) {
    super(code, message, { cause: traits.cause });
    this.retryable = traits.retryable ?? false;
    this.retryAfterMs = traits.retryAfterMs;
    this.operatorCanFix = traits.operatorCanFix ?? false;
  }
}

type FailureTraits = Pick<RemoteError, 'retryable' | 'retryAfterMs' | 'operatorCanFix' | 'cause'>;

/** Returns the message of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
