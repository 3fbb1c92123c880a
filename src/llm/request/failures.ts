import Anthropic from '@anthropic-ai/sdk';
import { RemoteError, reasonOf } from '../../platform/errors.js';

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

/** The API's code for a monthly limit of spending. Its status and type are those of a limit that passes. Source: Claude's docs, "Rate limits". */
const SPENT = 'enforced_spend_limit_reached';

/** Error codes of a model that takes no request now. A later request may be taken, so they use up no attempt. */
const OVERLOADED = 'Overloaded';
const UNREACHABLE = 'Unreachable';

/** Classifies an error of the SDK: by class, then by the API's error type, then by status. An abort is returned unchanged. */
export function toRemoteError(cause: unknown): unknown {
  if (cause instanceof RemoteError || cause instanceof Anthropic.APIUserAbortError) return cause;
  const reason = reasonOf(cause);
  const transient = { retryable: true, cause };
  if (cause instanceof Anthropic.APIConnectionError)
    return new RemoteError(UNREACHABLE, `The model could not be reached: ${firstCause(cause)}`, transient);
  if (cause instanceof Anthropic.APIError) return fromApi(cause);
  // The SDK refuses some requests before it sends them; its other errors mean that a stream broke off.
  if (cause instanceof Anthropic.AnthropicError && /is required|invalid/i.test(reason))
    return invalid(reason, cause);
  return new RemoteError('Interrupted', `The model's answer was cut off: ${reason}`, transient);
}

/** Reads the cause at the bottom of an error. The SDK's own words for an unreachable address are "Connection error.". */
function firstCause(error: Error & { code?: unknown }): string {
  if (error.cause instanceof Error) return firstCause(error.cause);
  return error.message || String(error.code ?? error.name);
}

/** True if a request was refused because it is longer than the model's context. */
export function isTooLong(error: unknown): boolean {
  if (!(error instanceof RemoteError) || error.code !== 'InvalidRequestError') return false;
  const { cause } = error;
  if (cause instanceof Anthropic.APIError && cause.status === 413) return true;
  return TOO_LONG.test(error.message);
}

/** Least room for an answer that is worth a request, in tokens. With less, the prompt must be shorter. */
const LEAST_ROOM = 16_000;

/** Reads from a refusal how much room the prompt leaves for an answer in the model's context, in tokens. */
export function readRoom(error: unknown): number | undefined {
  if (!(error instanceof RemoteError) || error.code !== 'InvalidRequestError') return undefined;
  const { message } = error;
  const [, prompt, context] = /exceed context limit: (\d+) \+ \d+ > (\d+)/.exec(message) ?? [];
  const room = Number(context) - Number(prompt);
  return room >= LEAST_ROOM ? room : undefined;
}

function fromApi(cause: InstanceType<typeof Anthropic.APIError>): RemoteError {
  const said = cause.apiMessage ?? cause.message;
  const advice = ADVICE[cause.status ?? 0] ?? '';
  if (!isRetryable(cause)) return invalid(`The model's API refused the request: ${said}${advice}`, cause);
  const code = isOverload(cause) ? OVERLOADED : (cause.type ?? `http_${cause.status ?? 'error'}`);
  const traits = { retryable: true, cause, retryAfterMs: retryAfter(cause.headers) };
  return new RemoteError(code, `The model's API is not available: ${said}`, traits);
}

/** True for a request that is refused for what is in it: sent again unchanged, it would be refused again. */
export function isRefusal({
  status,
  type,
}: Pick<InstanceType<typeof Anthropic.APIError>, 'status' | 'type'>) {
  if (status === 400 || status === 422) return true;
  return type === 'invalid_request_error' && ![429, 503, 529].includes(status ?? 0);
}

/** True for an API that takes no request now: over a limit, overloaded, or out of order. In the middle of a stream only the type says so. */
function isOverload({ status, type }: InstanceType<typeof Anthropic.APIError>): boolean {
  if (status === undefined) return type !== null && TRANSIENT.has(type);
  return status === 429 || status >= 500;
}

function isRetryable({ status, type, headers, errorCode }: InstanceType<typeof Anthropic.APIError>): boolean {
  if (errorCode === SPENT) return false;
  const asked = headers?.get('x-should-retry');
  // A gateway may ask for retries of every error, or give a refusal a type that passes.
  if (isRefusal({ status, type })) return false;
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
