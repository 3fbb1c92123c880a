import { setTimeout as delay } from 'node:timers/promises';
import type { Fields } from '../validation/problems.js';
import type { World } from '../world.js';
import type { Delivered } from './delivery.js';
import { eventPayload } from './payloads.js';

/** The pauses before the three retries. Slack's are at once, after a minute and after five; here nobody waits that long. */
const RETRY_AFTER_MS = [0, 5_000, 30_000];

const REASONS = { timeout: 'http_timeout', failed: 'http_error', 'no-app': 'connection_failed' } as const;

/** The scope without which an app can't subscribe. */
const SCOPES: Record<string, string> = { app_mention: 'app_mentions:read' };

type Where = Pick<World, 'state' | 'manifest' | 'transport' | 'closed'>;

/**
 * Brings an event to the app if it subscribed to it. What isn't acknowledged is brought again, as Slack does, and so is what
 * came while the app was away: that goes on after this has returned. `redeliver` brings it so many times more, acknowledged or not.
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
  if (!first.ok) void tryAgain(world, payload, first);
  for (let number = 1; number <= redeliver; number += 1) {
    await world.transport().deliver('events_api', payload, { number, reason: REASONS.timeout });
  }
}

async function tryAgain({ transport, closed }: Where, payload: Fields, first: Delivered): Promise<void> {
  let result = first;
  for (const [index, pauseMs] of RETRY_AFTER_MS.entries()) {
    try {
      await delay(pauseMs, undefined, { ref: false, signal: closed });
    } catch {
      return;
    }
    if (result.ok) return;
    const retry = { number: index + 1, reason: REASONS[result.reason] };
    result = await transport().deliver('events_api', payload, retry);
    if (result.ok) return;
  }
}
