import { ApiError } from './web-api/request.js';

/** Lifetime of a `trigger_id`, in milliseconds. Source: Slack's "Opening modals". */
const LIFE_MS = 3_000;

/** Issues trigger ids. Each opens one modal, for the person who clicked, within three seconds. */
export class Triggers {
  #issued = new Map<string, { user: string; at: number; used: boolean }>();
  #count = 0;

  issue(user: string): string {
    this.#count += 1;
    const id = `${Date.now()}.${this.#count}.${Math.random().toString(16).slice(2)}`;
    this.#issued.set(id, { user, at: Date.now(), used: false });
    return id;
  }

  /** Uses a trigger. @throws ApiError when it was used, is too old or was never issued. */
  take(id: string): string {
    const trigger = this.#issued.get(id);
    if (!trigger) throw new ApiError('invalid_trigger_id');
    if (trigger.used) throw new ApiError('exchanged_trigger_id');
    if (Date.now() - trigger.at > LIFE_MS) throw new ApiError('expired_trigger_id');
    trigger.used = true;
    return trigger.user;
  }
}
