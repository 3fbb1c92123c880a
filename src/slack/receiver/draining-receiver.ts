import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { withTimeout } from '../../platform/with-timeout.js';

/** Events that start something: Slack delivers them again, up to three times in five minutes, unless they are acknowledged. */
const LATE_EVENTS = new Set(['app_mention']);

/** Tells whether a payload is an event that is acknowledged after its listeners. */
export function isLateEvent(body: ReceiverEvent['body']): boolean {
  return LATE_EVENTS.has(body?.event?.type);
}

/**
 * Receives through another receiver, and adds two things. Bolt acknowledges an event before its listeners run, so that a crash in between
 * would lose it: a late event is acknowledged once its listeners are done, and not at all when one of them failed. And a stop first waits
 * for what is in flight, for `drainMs` milliseconds at most.
 */
export class DrainingReceiver implements Receiver {
  readonly #inFlight = new Set<Promise<void>>();

  constructor(
    private readonly inner: Receiver,
    private readonly drainMs: number,
  ) {}

  init(app: App): void {
    const processEvent = async (event: ReceiverEvent) => {
      const work = processAndAcknowledge(app, event);
      this.#inFlight.add(work);
      await work.finally(() => this.#inFlight.delete(work));
    };
    // A receiver calls nothing else of its app.
    this.inner.init(Object.create(app, { processEvent: { value: processEvent } }));
  }

  start(...args: unknown[]): Promise<unknown> {
    return this.inner.start(...args);
  }

  async stop(): Promise<unknown> {
    // Also what comes meanwhile.
    const drain = async (signal: AbortSignal) => {
      while (this.#inFlight.size > 0 && !signal.aborted) await Promise.allSettled(this.#inFlight);
    };
    await withTimeout(this.drainMs, drain, () => undefined);
    return await this.inner.stop();
  }
}

async function processAndAcknowledge(app: App, event: ReceiverEvent): Promise<void> {
  if (!isLateEvent(event.body)) return await app.processEvent(event);
  await app.processEvent({ ...event, ack: async () => {} });
  await event.ack();
}
