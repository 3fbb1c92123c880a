import { RemoteError } from '../../../platform/errors.js';
import { untilAborted } from '../../../platform/with-timeout.js';

/**
 * Updates a minute that progress may bring all processes to, and updates that may go at once after a pause. Slack takes 50 a minute and some more,
 * counted over all messages of a workspace. Source: chat.update, Tier 3.
 */
const PER_MINUTE = 36;
const BURST = 10;
/** Once Slack takes updates again, progress lets the others go first for this long, in milliseconds. */
const OTHERS_FIRST_MS = 2_000;
/** Longest wait here, in milliseconds. Temporal makes an update that would wait longer again later. */
const LONGEST_WAIT_MS = 10_000;
/** Longest wait of progress that others are sent before, in milliseconds. An attempt of the activity has 30 s. */
const GIVE_BACK_AFTER_MS = 15_000;

type Send = () => Promise<unknown>;

interface Waiting {
  send: Send;
  since: number;
  /** `isSent`: false where it was left out. */
  resolve(isSent: boolean): void;
  reject(error: unknown): void;
}

/**
 * Shares Slack's limit for updates among all messages of the process, and among processes. Cards, requests and direct messages go at once. Progress takes what they
 * leave over: the newest of each message, one message after the other.
 */
export class UpdateBudget {
  /** Share of this process: updates that may go at once, and time between two others, in milliseconds. */
  #burst = BURST;
  #intervalMs = 60_000 / PER_MINUTE;
  /** Updates that progress may still make now. Other updates count too, and can take it below zero. */
  #left = BURST;
  #countedAt = Date.now();
  /** Slack takes no update before this time. */
  #limitedUntil = 0;
  /** By message, in the order of their turns. */
  readonly #progress = new Map<string, Waiting>();
  #timer: NodeJS.Timeout | undefined;

  /** Shares the limit with so many processes, this one among them. */
  shareAmong(processes: number): void {
    this.#count();
    this.#burst = Math.max(1, BURST / processes);
    this.#intervalMs = (60_000 / PER_MINUTE) * processes;
    this.#left = Math.min(this.#left, this.#burst);
  }

  /** Sends an update. Progress of the same message that still waits is left out. Rejects when `signal` aborts before its turn. */
  async send(message: string, send: Send, signal?: AbortSignal): Promise<void> {
    this.#progress.get(message)?.resolve(false);
    this.#progress.delete(message);
    const waitMs = this.#limitedUntil - Date.now();
    checkWait(waitMs);
    if (waitMs > 0) {
      const turn = new Promise((resolve) => setTimeout(resolve, waitMs));
      await (signal ? untilAborted(turn, signal) : turn);
    }
    await this.#call(send);
  }

  /**
   * Sends progress when it is its turn. Resolves early, with false, once a newer update of the same message is there. Rejects with the reason of `signal`
   * when that aborts before its turn.
   */
  sendProgress(message: string, send: Send, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const older = this.#progress.get(message);
      if (!older) checkWait(this.#waitMs(this.#progress.size));
      const waiting = { send, since: Date.now(), resolve, reject };
      this.#progress.set(message, waiting);
      older?.resolve(false);
      signal?.addEventListener('abort', () => {
        if (this.#progress.get(message) !== waiting) return;
        this.#progress.delete(message);
        reject(signal.reason);
      });
      this.#sendNext();
    });
  }

  #sendNext(): void {
    clearTimeout(this.#timer);
    let before = 0;
    for (const [message, { send, since, resolve, reject }] of this.#progress) {
      const waitMs = this.#waitMs(before);
      if (waitMs > 0 && Date.now() + waitMs <= since + GIVE_BACK_AFTER_MS) {
        before += 1;
        continue;
      }
      this.#progress.delete(message);
      if (waitMs > 0) reject(limited(waitMs));
      else this.#call(send).then(() => resolve(true), reject);
    }
    if (before > 0) this.#timer = setTimeout(() => this.#sendNext(), this.#waitMs(0));
  }

  /** Time until progress may go that has this many before it, in milliseconds. */
  #waitMs(before: number): number {
    this.#count();
    const limitedMs = this.#limitedUntil + OTHERS_FIRST_MS - Date.now();
    return Math.ceil(Math.max(limitedMs, (before + 1 - this.#left) * this.#intervalMs));
  }

  /** Adds the updates that the time since has made possible. */
  #count(): void {
    const now = Date.now();
    this.#left = Math.min(this.#burst, this.#left + (now - this.#countedAt) / this.#intervalMs);
    this.#countedAt = now;
  }

  async #call(send: Send): Promise<void> {
    this.#count();
    this.#left = Math.max(-this.#burst, this.#left - 1);
    try {
      await send();
    } catch (error) {
      if (error instanceof RemoteError && error.retryAfterMs !== undefined) {
        this.#limitedUntil = Math.max(this.#limitedUntil, Date.now() + error.retryAfterMs);
      }
      throw error;
    }
  }
}

function checkWait(waitMs: number): void {
  if (waitMs > LONGEST_WAIT_MS) throw limited(waitMs);
}

function limited(waitMs: number): RemoteError {
  const message = 'Slack limits chat.update, so this update waits';
  return new RemoteError('ratelimited', message, { retryable: true, retryAfterMs: waitMs });
}
