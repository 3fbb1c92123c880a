/** Name of the step in which Slack shares an uploaded file. `slow` delays it; with any other fault the file never shows. */
export const SHARE = 'share';
/** Name of an answer at a `response_url`, in place of a method's. */
export const RESPONSE_URL = 'response_url';

/**
 * A fault that can be injected into one Web API method, into the answers at a `response_url`, or into any of these (`*`). `every`: strikes each n-th
 * call. `times`: strikes so often; with 0 until it is cleared.
 */
export type Fault = { method: string /** @default 1 */; every?: number /** @default 1 */; times?: number } & (
  | { kind: 'drop' | 'lose-answer' | 'error-500' }
  | { kind: 'ratelimited' /** Seconds. @default 1 */; retryAfterS?: number }
  | { kind: 'slow'; delayMs: number }
  | { kind: 'refuse' /** Slack's error code. */; error: string }
);

export class Faults {
  #waiting: { fault: Fault; calls: number; left: number }[] = [];

  /** Returns what takes the fault away again, however often it struck. */
  inject(fault: Fault): () => void {
    const entry = { fault, calls: 0, left: fault.times ?? 1 };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Takes the fault for this call; undefined without one. */
  take(method: string): Fault | undefined {
    const hit = this.#waiting.find((entry) => {
      const isAny = entry.fault.method === '*' && method !== SHARE;
      if (!isAny && entry.fault.method !== method) return false;
      entry.calls += 1;
      return entry.calls % (entry.fault.every ?? 1) === 0;
    });
    if (!hit) return undefined;
    hit.left -= 1;
    if (hit.left === 0) this.#waiting.splice(this.#waiting.indexOf(hit), 1);
    return hit.fault;
  }
}
