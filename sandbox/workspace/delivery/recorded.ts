import type { Fields } from '../validation/problems.js';
import type { Delivered, PayloadKind, Transport } from './delivery.js';

/** A payload that was sent to the app. */
export interface Delivery {
  kind: PayloadKind;
  payload: Fields;
  /** Set for a redelivered event. */
  retry?: { number: number; reason: string };
  /** Time of the delivery, in milliseconds since the epoch. */
  at: number;
  result: Delivered;
}

/** A transport that records deliveries, and can repeat one. */
export class Recorded implements Transport {
  #twice = false;

  constructor(
    /** Replaced once the app's address is known. */
    public way: Transport,
    readonly record: (delivery: Delivery) => void,
  ) {}

  /** Repeats the next command, click or mention. */
  deliverTwice(): void {
    this.#twice = true;
  }

  connected(): boolean {
    return this.way.connected();
  }

  close(): void {
    this.way.close();
  }

  async deliver(kind: PayloadKind, payload: Fields, retry?: Delivery['retry']): Promise<Delivered> {
    const at = Date.now();
    const result = await this.way.deliver(kind, payload, retry);
    this.record({ kind, payload, ...(retry && { retry }), at, result });
    if (this.#twice && (kind !== 'events_api' || isMention(payload))) {
      this.#twice = false;
      const again = kind === 'events_api' ? { number: 1, reason: 'http_timeout' } : undefined;
      await this.deliver(kind, payload, again);
    }
    return result;
  }
}

function isMention({ event }: Fields): boolean {
  return typeof event === 'object' && event !== null && 'type' in event && event.type === 'app_mention';
}
