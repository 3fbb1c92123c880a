/** Name of an answer at a `response_url`, in place of a method's. */
export const RESPONSE_URL = 'response_url';

/** A fault that can be injected into one Web API method, into the answers at a `response_url`, or into any of these (`*`). */
export type Fault = { method: string /** @default 1 */; times?: number } & (
  | { kind: 'drop' | 'lose-answer' | 'error-500' }
  | { kind: 'ratelimited' /** Seconds. @default 1 */; retryAfterS?: number }
  | { kind: 'slow'; delayMs: number }
  | { kind: 'refuse' /** Slack's error code. */; error: string }
);

export class Faults {
  #waiting: { fault: Fault; left: number }[] = [];

  inject(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Takes the fault for this call; undefined without one. */
  take(method: string): Fault | undefined {
    const hit = this.#waiting.find(({ fault }) => fault.method === method || fault.method === '*');
    if (!hit) return undefined;
    hit.left -= 1;
    if (hit.left === 0) this.#waiting.splice(this.#waiting.indexOf(hit), 1);
    return hit.fault;
  }
}
