import { badRequest, type MessagesRequest, RequestError } from './request.js';

interface Limits {
  /** Tokens of context. */
  context: number;
  /** Tokens of an answer. */
  output: number;
}

const LARGE: Limits = { context: 1_000_000, output: 128_000 };
const SMALL: Limits = { context: 200_000, output: 64_000 };

/** Limits of the models that the stand-in knows. Source: Anthropic's model pages, November 2026. */
const MODELS: Record<string, Limits> = {
  simulated: LARGE,
  'claude-fable-5-2': LARGE,
  'claude-opus-5-5': LARGE,
  'claude-opus-5': LARGE,
  'claude-sonnet-5-5': LARGE,
  'claude-sonnet-5': LARGE,
  'claude-haiku-5-5': LARGE,
  'claude-sonnet-4-5': SMALL,
  'claude-opus-4-5': SMALL,
  'claude-haiku-4-5': SMALL,
  'claude-opus-4-8': LARGE,
  'claude-3-5-haiku-20241022': { context: 200_000, output: 8_192 },
};

/** Describes every known model, as `GET /v1/models` does. */
export function listModels() {
  const ids = Object.keys(MODELS);
  return { data: ids.map(describeModel), has_more: false, first_id: ids[0], last_id: ids.at(-1) };
}

/** Describes a model, as `GET /v1/models/{id}` does. @throws RequestError for an unknown one. */
export function describeModel(id: string) {
  const { context, output } = limitsOf(id);
  const names = { id, display_name: id, created_at: '2026-01-01T00:00:00Z', lifecycle: 'active' };
  return { type: 'model', ...names, max_input_tokens: context, max_tokens: output, capabilities: null };
}

/** Checks a request's model and its limit, in the words of the API. @throws RequestError */
export function checkModel({ model, max_tokens }: MessagesRequest): void {
  const { output } = limitsOf(model);
  if (max_tokens > output)
    throw badRequest(
      `max_tokens: ${max_tokens} > ${output}, which is the maximum allowed number of output tokens for ${model}`,
    );
}

/** Length of a model's context, in tokens. */
export function contextOf(id: string): number {
  return limitsOf(id).context;
}

function limitsOf(id: string): Limits {
  const limits = Object.hasOwn(MODELS, id) ? MODELS[id] : undefined;
  if (!limits) throw new RequestError(404, 'not_found_error', `model: ${id}`);
  return limits;
}
