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

/** Limit for an answer, in tokens: raised once where it is too low, and never above the model's own or the room in its context. */
export class AnswerLimit {
  #wished: number;
  readonly #rooms = new Map<string, number>();

  constructor(
    readonly client: object,
    first: number,
    readonly highest: number,
  ) {
    this.#wished = first;
  }

  of(model: string): number {
    const { output = Number.POSITIVE_INFINITY } = limitsOf(this.client, model);
    return Math.min(this.#wished, output, this.#rooms.get(model) ?? Number.POSITIVE_INFINITY);
  }

  /** Raises it as high as it goes, because only what is written is paid. False if it is there already. */
  raise(model: string): boolean {
    const before = this.of(model);
    this.#wished = this.highest;
    return this.of(model) > before;
  }

  /** Lowers it to the room that a prompt leaves. False if it is no higher, or the room is unknown. */
  lower(model: string, room: number | undefined): boolean {
    if (room === undefined || room >= this.of(model)) return false;
    this.#rooms.set(model, room);
    return true;
  }
}
