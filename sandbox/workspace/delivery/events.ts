import { setTimeout as delay } from 'node:timers/promises';
import type { Fields } from '../validation/problems.js';
import type { World } from '../world.js';
import { eventPayload } from './payloads.js';

/** The pauses before an event is brought again, in milliseconds. */
export interface EventRetries {
  pausesMs: readonly number[];
  /** The pause between any more attempts, where Delayed Events is on in the app's settings; unset: Slack gives the event up. */
  delayedMs?: number;
}

/**
 * A tenth of Slack's own pauses, which are: nearly none, one minute, five minutes. They are the same in Socket Mode, and where no
 * connection is open. Source: Slack's "The Events API", Retries; vercel/chat#666.
 */
export const EVENT_RETRIES: EventRetries = { pausesMs: [0, 6_000, 30_000] };

/** As the README tells people to set their app up; nobody waits an hour here. */
export const WITH_DELAYED_EVENTS: EventRetries = { ...EVENT_RETRIES, delayedMs: 10_000 };

/** Delayed Events: an attempt every hour for a day. Source: Slack's "The Events API", Delayed events retry. */
const DELAYED_ATTEMPTS = 24;

const REASONS = { timeout: 'http_timeout', failed: 'http_error', 'no-app': 'connection_failed' } as const;

/** The scope without which an app can't subscribe. */
const SCOPES: Record<string, string> = { app_mention: 'app_mentions:read' };

type Where = Pick<World, 'state' | 'manifest' | 'transport' | 'closed' | 'eventRetries'>;

/**
 * Brings an event to the app if it subscribed to it. An event that isn't acknowledged is brought again, as Slack does, after this has
 * returned. `redeliver` brings an acknowledged event so many times more.
 */
export async function tellApp(
  world: Where,
  name: string,
  event: Fields,
  { redeliver = 0 }: { redeliver?: number } = {},
): Promise<void> {
  const { events, scopes } = world.manifest;
  const scope = SCOPES[name];
  if (!events.includes(name) || (scope && !scopes.includes(scope))) return;
  const payload = eventPayload(world.state, event);
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
  { transport, closed, eventRetries: { pausesMs, delayedMs } }: Where,
  payload: Fields,
  failure: keyof typeof REASONS,
): Promise<void> {
  const delayed = delayedMs === undefined ? [] : Array<number>(DELAYED_ATTEMPTS).fill(delayedMs);
  let reason = failure;
  for (const [index, pauseMs] of [...pausesMs, ...delayed].entries()) {
    try {
      await delay(pauseMs, undefined, { ref: false, signal: closed });
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
