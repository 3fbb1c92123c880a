import {
  type App,
  type Logger,
  type Receiver,
  type ReceiverEvent,
  ReceiverMultipleAckError,
} from '@slack/bolt';
import { withTimeout } from '../../platform/with-timeout.js';

/** Events that start work. Slack redelivers them up to three times in five minutes, unless they are acknowledged. */
const LATE_EVENTS = new Set(['app_mention', 'message', 'agent_session_stopped']);

/** True for an event that is acknowledged after its listeners. */
export function isLateEvent(body: ReceiverEvent['body']): boolean {
  return LATE_EVENTS.has(body?.event?.type);
}

/** Slack redelivers an event at once, after one and after five minutes. An event's id is kept longer, in milliseconds. */
const REDELIVERED_WITHIN_MS = 10 * 60_000;

/**
 * Receives through another receiver, with additions. Bolt acknowledges an event before its listeners run, so a crash in between would
 * lose it. Here a late event is acknowledged after its listeners, and not at all if one fails. A redelivery joins the first delivery, so nobody is
 * answered twice.
 *
 * An acknowledgement that comes too late changes nothing about the work, so it is a warning. A stop first waits for events in flight, at most
 * `drainMs` milliseconds.
 */
export class DrainingReceiver implements Receiver {
  readonly #inFlight = new Set<Promise<void>>();
  /** Work of late events, by the event's id. */
  readonly #lateEvents = new Map<string, { at: number; work: Promise<void> }>();

  constructor(
    private readonly inner: Receiver,
    private readonly drainMs: number,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  init(app: App): void {
    const processEvent = async (event: ReceiverEvent) => {
      const work = this.#process(app, event);
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

  async #process(app: App, event: ReceiverEvent): Promise<void> {
    const ack: ReceiverEvent['ack'] = async (response) => {
      try {
        await event.ack(response);
      } catch (error) {
        if (error instanceof ReceiverMultipleAckError) throw error;
        this.logger.warn('Slack was answered too late', error);
      }
    };
    if (!isLateEvent(event.body)) return await app.processEvent({ ...event, ack });
    await this.#once(event.body.event_id, () => app.processEvent({ ...event, ack: async () => {} }));
    await ack();
  }

  /** Does the work of an event once. Work that failed is done again. */
  async #once(id: string | undefined, work: () => Promise<void>): Promise<void> {
    if (id === undefined) return await work();
    const now = Date.now();
    for (const [old, { at }] of this.#lateEvents) {
      if (now - at > REDELIVERED_WITHIN_MS) this.#lateEvents.delete(old);
    }
    const first = this.#lateEvents.get(id) ?? { at: now, work: work() };
    this.#lateEvents.set(id, first);
    await first.work.catch((error: unknown) => {
      this.#lateEvents.delete(id);
      throw error;
    });
  }
}
