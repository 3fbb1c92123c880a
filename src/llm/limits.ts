/** Limits of a model, in tokens. A limit that nobody stated is unknown, never guessed. */
export interface ModelLimits {
  context?: number;
  output?: number;
}

/** Parts of a request that a limit concerns. */
interface Limited {
  model: string;
  max_tokens: number;
}

/** Limits that an endpoint stated, by its client and the model. */
const stated = new WeakMap<object, Map<string, ModelLimits>>();

export function limitsOf(client: object, model: string): ModelLimits {
  return stated.get(client)?.get(model) ?? {};
}

export function keepLimits(client: object, model: string, limits: ModelLimits): void {
  const models = stated.get(client) ?? new Map<string, ModelLimits>();
  stated.set(client, models.set(model, { ...models.get(model), ...limits }));
}

/** Lowers a request's `max_tokens` to the model's limit. */
export function withinLimits<R extends Limited>(client: object, request: R): R {
  const { output = Number.POSITIVE_INFINITY } = limitsOf(client, request.model);
  return request.max_tokens > output ? { ...request, max_tokens: output } : request;
}

/** Refusals that state the limit of an answer: the API's, and Amazon Bedrock's. */
const STATED = [/max_tokens: \d+ > (\d+)/, /maximum tokens you requested exceeds the model limit of (\d+)/];

/** Learns a model's limit from a refusal. Returns true if the request fits when it is sent again. */
export function learnLimit(client: object, { model, max_tokens }: Limited, refusal: string): boolean {
  const [output = 0] = STATED.map((words) => Number(words.exec(refusal)?.[1] ?? 0)).filter(Boolean);
  if (output <= 0 || output >= max_tokens) return false;
  keepLimits(client, model, { output });
  return true;
}
