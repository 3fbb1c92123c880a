import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { withTimeout } from '../../with-timeout.js';

/** Events that start something: Slack delivers them again, up to three times in five minutes, unless they are acknowledged. */
const LATE_EVENTS = new Set(['app_mention']);

/** Tells whether a payload is an event that is acknowledged after its listeners. */
export function isLateEvent(body: ReceiverEvent['body']): boolean {
  return LATE_EVENTS.has(body?.event?.type);
}

/**
 * Receives through another receiver, and adds two things. Bolt acknowledges an event before its listeners run, so that a crash in between
 * would lose it: a late event is acknowledged once its listeners are done, and not at all when one of them failed. And a stop first waits
 * for what is in flight.
 */
export class DrainingReceiver implements Receiver {
  readonly #inner: Receiver;
  readonly #drainMs: number;
  readonly #inFlight = new Set<Promise<void>>();

  /** @param drainMs A stop waits this long for what is in flight, in milliseconds. */
  constructor(inner: Receiver, drainMs: number) {
    this.#inner = inner;
    this.#drainMs = drainMs;
  }

  init(app: App): void {
    const processEvent = (event: ReceiverEvent) => this.#track(processAndAcknowledge(app, event));
    // A receiver calls nothing else of its app.
    this.#inner.init(Object.create(app, { processEvent: { value: processEvent } }));
  }

  start(...args: unknown[]): Promise<unknown> {
    return this.#inner.start(...args);
  }

  async stop(): Promise<unknown> {
    await withTimeout(
      this.#drainMs,
      (signal) => this.#drain(signal),
      () => undefined,
    );
    return await this.#inner.stop();
  }

  /** Also waits for what comes meanwhile. */
  async #drain(signal: AbortSignal): Promise<void> {
    while (this.#inFlight.size > 0 && !signal.aborted) await Promise.allSettled(this.#inFlight);
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#inFlight.add(work);
    try {
      await work;
    } finally {
      this.#inFlight.delete(work);
    }
  }
}

async function processAndAcknowledge(app: App, event: ReceiverEvent): Promise<void> {
  if (!isLateEvent(event.body)) return await app.processEvent(event);
  await app.processEvent({ ...event, ack: async () => {} });
  await event.ack();
}
