import type { App, ReceiverEvent } from '@slack/bolt';

/** Events that start something: Slack brings them again, up to three times in five minutes, unless they are acknowledged. */
const LATE = new Set(['app_mention']);

/**
 * Bolt acknowledges an event before its listeners run, so that a crash in between would lose it. A late event is acknowledged once its
 * listeners are done, and not at all when one of them failed.
 */
export function acknowledgeLate(app: App): void {
  const process = app.processEvent.bind(app);
  app.processEvent = async (event) => {
    if (!isLate(event.body)) return await process(event);
    await process({ ...event, ack: async () => {} });
    await event.ack();
  };
}

/** Whether a payload is an event that is acknowledged after its listeners; what they throw must then get through to the receiver. */
export function isLate(body: ReceiverEvent['body']): boolean {
  return LATE.has(body?.event?.type);
}
