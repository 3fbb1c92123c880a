import Anthropic from '@anthropic-ai/sdk';
import { RemoteError } from '../errors.js';

/** The API's error types that another attempt can heal, also in the middle of a stream, where there is no status. */
const TRANSIENT = new Set(['overloaded_error', 'api_error', 'rate_limit_error', 'timeout_error']);
const FINAL = new Set([
  'invalid_request_error',
  'authentication_error',
  'permission_error',
  'not_found_error',
  'request_too_large',
  'billing_error',
]);

/**
 * Classifies an error of the SDK: by class, then by the error's type, then by status. A bad request
 * has the code `InvalidRequestError`, which is never retried. An abort stays what it is.
 */
export function toRemoteError(cause: unknown): unknown {
  if (cause instanceof RemoteError || cause instanceof Anthropic.APIUserAbortError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof Anthropic.APIConnectionError) {
    const message = `The model could not be reached: ${reason}`;
    return new RemoteError('Unreachable', message, { retryable: true, cause });
  }
  if (cause instanceof Anthropic.APIError) return fromApi(cause);
  // The SDK refuses some requests of ours before it sends them; its other errors are about a stream that broke off.
  if (cause instanceof Anthropic.AnthropicError && /is required|invalid/i.test(reason)) {
    return invalid(reason, cause);
  }
  const message = `The model's answer broke off: ${reason}`;
  return new RemoteError('Interrupted', message, { retryable: true, cause });
}

/** Tells whether a request was refused because it is longer than the model's context. */
export function isTooLong(error: unknown): boolean {
  if (!(error instanceof RemoteError) || error.code !== 'InvalidRequestError') return false;
  const { cause } = error;
  if (cause instanceof Anthropic.APIError && cause.status === 413) return true;
  return /prompt is too long|exceeds? (?:the )?(?:model'?s )?(?:context|maximum context)|maximum context length/i.test(
    error.message,
  );
}

function fromApi(cause: InstanceType<typeof Anthropic.APIError>): RemoteError {
  const said = cause.apiMessage ?? cause.message;
  if (!isRetryable(cause))
    return invalid(`The model's API refused the request: ${said}${advice(cause)}`, cause);
  const retryAfterMs = retryAfter(cause.headers);
  const code = cause.type ?? `http_${cause.status ?? 'error'}`;
  const traits = { retryable: true, cause, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  return new RemoteError(code, `The model's API is not available just now: ${said}`, traits);
}

function isRetryable({ status, type, headers }: InstanceType<typeof Anthropic.APIError>): boolean {
  const asked = headers?.get('x-should-retry');
  if (asked === 'true' || asked === 'false') return asked === 'true';
  if (type && TRANSIENT.has(type)) return true;
  if (type && FINAL.has(type)) return false;
  return status === undefined || status === 408 || status === 409 || status === 429 || status >= 500;
}

function advice({ status }: { status: number | undefined }): string {
  if (status === 401 || status === 403) return ' (check ANTHROPIC_API_KEY)';
  if (status === 404) return ' (check ANTHROPIC_MODEL and ANTHROPIC_BASE_URL)';
  return '';
}

function invalid(message: string, cause: unknown): RemoteError {
  return new RemoteError('InvalidRequestError', message, { retryable: false, cause });
}

/** Milliseconds that the API asks to wait, from `retry-after-ms`, or `retry-after` in seconds or as a date. */
function retryAfter(headers: Headers | undefined): number | undefined {
  const ms = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (ms >= 0) return ms;
  const after = headers?.get('retry-after') ?? '';
  const seconds = Number.parseFloat(after);
  if (seconds >= 0) return seconds * 1000;
  const until = Date.parse(after) - Date.now();
  return until > 0 ? until : undefined;
}
