import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { withTimeout } from '../../platform/with-timeout.js';

/** Events that start work. Slack redelivers them up to three times in five minutes, unless they are acknowledged. */
const LATE_EVENTS = new Set(['app_mention', 'message', 'agent_session_stopped']);

/** True for an event that is acknowledged after its listeners. */
export function isLateEvent(body: ReceiverEvent['body']): boolean {
  return LATE_EVENTS.has(body?.event?.type);
}

/**
 * Receives through another receiver, with two additions. Bolt acknowledges an event before its listeners run, so a crash in between would
 * lose it. Here a late event is acknowledged after its listeners, and not at all if one fails.
 *
 * A stop first waits for events in flight, at most `drainMs` milliseconds.
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
    // `processEvent` is the only method that a receiver calls on its app.
    this.inner.init(Object.create(app, { processEvent: { value: processEvent } }));
  }

  start(...args: unknown[]): Promise<unknown> {
    return this.inner.start(...args);
  }

  async stop(): Promise<unknown> {
    // The loop also waits for events that arrive during the wait.
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
