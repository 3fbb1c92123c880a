import Anthropic from '@anthropic-ai/sdk';
import { RemoteError, reasonOf } from '../platform/errors.js';

/** The API's error types for which a retry can help. In the middle of a stream there is a type but no status. */
const TRANSIENT = new Set(['overloaded_error', 'api_error', 'rate_limit_error', 'timeout_error']);
const TOO_LONG =
  /prompt is too long|exceeds? (?:the )?(?:model'?s )?(?:context|maximum context)|maximum context length/i;
const FINAL = new Set([
  'invalid_request_error',
  'authentication_error',
  'permission_error',
  'not_found_error',
  'request_too_large',
  'billing_error',
  // In the middle of a stream of Amazon Bedrock.
  'validationException',
]);

/** Advice for an operator, by status. */
const ADVICE: Record<number, string> = {
  401: ' (check ANTHROPIC_API_KEY, or the credentials of your cloud)',
  403: ' (check ANTHROPIC_API_KEY, or the credentials of your cloud)',
  404: ' (check ANTHROPIC_MODEL and ANTHROPIC_BASE_URL)',
};

/** Classifies an error of the SDK: by class, then by the API's error type, then by status. An abort is returned unchanged. */
export function toRemoteError(cause: unknown): unknown {
  if (cause instanceof RemoteError || cause instanceof Anthropic.APIUserAbortError) return cause;
  const reason = reasonOf(cause);
  const transient = { retryable: true, cause };
  if (cause instanceof Anthropic.APIConnectionError)
    return new RemoteError('Unreachable', `The model could not be reached: ${reason}`, transient);
  if (cause instanceof Anthropic.APIError) return fromApi(cause);
  // The SDK refuses some requests before it sends them; its other errors mean that a stream broke off.
  if (cause instanceof Anthropic.AnthropicError && /is required|invalid/i.test(reason))
    return invalid(reason, cause);
  return new RemoteError('Interrupted', `The model's answer was cut off: ${reason}`, transient);
}

/** True if a request was refused because it is longer than the model's context. */
export function isTooLong(error: unknown): boolean {
  if (!(error instanceof RemoteError) || error.code !== 'InvalidRequestError') return false;
  const { cause } = error;
  if (cause instanceof Anthropic.APIError && cause.status === 413) return true;
  return TOO_LONG.test(error.message);
}

function fromApi(cause: InstanceType<typeof Anthropic.APIError>): RemoteError {
  const said = cause.apiMessage ?? cause.message;
  const advice = ADVICE[cause.status ?? 0] ?? '';
  if (!isRetryable(cause)) return invalid(`The model's API refused the request: ${said}${advice}`, cause);
  const code = cause.type ?? `http_${cause.status ?? 'error'}`;
  const traits = { retryable: true, cause, retryAfterMs: retryAfter(cause.headers) };
  return new RemoteError(code, `The model's API is not available: ${said}`, traits);
}

function isRetryable({ status, type, headers }: InstanceType<typeof Anthropic.APIError>): boolean {
  const asked = headers?.get('x-should-retry');
  if (asked === 'true' || asked === 'false') return asked === 'true';
  if (type && TRANSIENT.has(type)) return true;
  if (type && FINAL.has(type)) return false;
  // 424: on Amazon Bedrock the model failed at its work.
  return status === undefined || [408, 409, 424, 429].includes(status) || status >= 500;
}

/** Makes the error of a request for which no retry helps. */
export function invalid(message: string, cause?: unknown): RemoteError {
  return new RemoteError('InvalidRequestError', message, { cause });
}

/** Wait that the API asks for, in milliseconds: from `retry-after-ms`, or from `retry-after` in seconds or as a date. */
function retryAfter(headers: Headers | undefined): number | undefined {
  const ms = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (ms >= 0) return ms;
  const after = headers?.get('retry-after') ?? '';
  const seconds = Number.parseFloat(after);
  if (seconds >= 0) return seconds * 1000;
  const until = Date.parse(after) - Date.now();
  return until > 0 ? until : undefined;
}
