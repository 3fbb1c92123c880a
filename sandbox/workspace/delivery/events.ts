import { setTimeout as delay } from 'node:timers/promises';
import type { Fields } from '../validation/problems.js';
import type { World } from '../world.js';
import { eventPayload } from './payloads.js';

/** Pauses before redeliveries of an event, in milliseconds. */
export interface EventRetries {
  pausesMs: readonly number[];
  /** Pause between further attempts, if the app has Delayed Events; unset: no further attempts. */
  delayedMs?: number;
}

/**
 * A tenth of Slack's pauses, which are almost zero, one minute and five minutes. Slack uses them also in Socket Mode, and without an open
 * connection. Source: Slack's "The Events API", Retries; vercel/chat#666.
 */
export const EVENT_RETRIES: EventRetries = { pausesMs: [0, 6_000, 30_000] };

/** Delayed Events, as the README recommends, but faster than Slack's hourly attempts. */
export const WITH_DELAYED_EVENTS: EventRetries = { ...EVENT_RETRIES, delayedMs: 10_000 };

/** Number of delayed attempts: one an hour for a day. Source: Slack's "The Events API", Delayed events retry. */
const DELAYED_ATTEMPTS = 24;

const REASONS = { timeout: 'http_timeout', failed: 'http_error', 'no-app': 'connection_failed' } as const;

/** Scope that a subscription requires. Source: "Required scopes" on each event's page in Slack's reference. */
export const EVENT_SCOPES: Record<string, string> = {
  app_mention: 'app_mentions:read',
  agent_session_stopped: 'chat:write',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
  'message.mpim': 'mpim:history',
  member_joined_channel: 'channels:read',
  ...Object.fromEntries(
    ['channel', 'group'].flatMap((kind) =>
      ['archive', 'unarchive', 'deleted', 'left'].map((what) => [`${kind}_${what}`, `${kind}s:read`]),
    ),
  ),
};

type Where = Pick<World, 'state' | 'manifest' | 'transport' | 'closed' | 'eventRetries' | 'outbox'>;

/**
 * Delivers an event to a subscribed app. Slack redelivers an unacknowledged event, so this does too, after it has returned. `redeliver`:
 * number of redeliveries of an acknowledged event.
 */
export async function tellApp(
  world: Where,
  name: string,
  event: Fields,
  { redeliver = 0 }: { redeliver?: number } = {},
): Promise<void> {
  const { events, scopes } = world.manifest;
  const scope = EVENT_SCOPES[name];
  if (!events.includes(name) || (scope && !scopes.includes(scope))) return;
  const payload = eventPayload(world.state, event);
  if (world.outbox.mustWait()) {
    void bringAgain(world, payload, 'no-app');
    return;
  }
  const first = await world.transport().deliver('events_api', payload);
  if (!first.ok) {
    void bringAgain(world, payload, first.reason);
    return;
  }
  for (let number = 1; number <= redeliver; number += 1) {
    await world.transport().deliver('events_api', payload, { number, reason: REASONS.timeout });
  }
}

async function bringAgain(
  { transport, closed, outbox, eventRetries: { pausesMs, delayedMs } }: Where,
  payload: Fields,
  failure: keyof typeof REASONS,
): Promise<void> {
  const delayed = delayedMs === undefined ? [] : Array<number>(DELAYED_ATTEMPTS).fill(delayedMs);
  let reason = failure;
  for (const [index, pauseMs] of [...pausesMs, ...delayed].entries()) {
    try {
      await delay(pauseMs, undefined, { ref: false, signal: closed });
      await outbox.appConnected();
    } catch {
      return;
    }
    const result = await transport().deliver('events_api', payload, {
      number: index + 1,
      reason: REASONS[reason],
    });
    if (result.ok) return;
    reason = result.reason;
  }
}
