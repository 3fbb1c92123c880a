import { setTimeout as delay } from 'node:timers/promises';
import type { Fields } from '../validation/problems.js';
import type { World } from '../world.js';
import { eventPayload } from './payloads.js';

const RETRIES = 3;

/**
 * The pauses before the retries of an event that found no app, in milliseconds. Slack's are longer (its last two come after one and
 * five minutes); here nobody waits that long for a service that starts again within seconds.
 */
const WHILE_AWAY_MS = [5_000, 30_000, 120_000];

const REASONS = { timeout: 'http_timeout', failed: 'http_error', 'no-app': 'connection_failed' } as const;

/** The scope without which an app can't subscribe. */
const SCOPES: Record<string, string> = { app_mention: 'app_mentions:read' };

type Where = Pick<World, 'state' | 'manifest' | 'transport' | 'closed'>;

/**
 * Brings an event to the app if it subscribed to it; again, as Slack does, when it isn't acknowledged. What came while the app was
 * away is brought again later, after this has returned. `redeliver` brings it so many times more, acknowledged or not.
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
  let result = await world.transport().deliver('events_api', payload);
  for (let number = 1; number <= RETRIES; number += 1) {
    if (result.ok && number > redeliver) return;
    if (!result.ok && result.reason === 'no-app') {
      void bringLater(world, payload, number);
      return;
    }
    const reason = REASONS[result.ok ? 'timeout' : result.reason];
    result = await world.transport().deliver('events_api', payload, { number, reason });
  }
}

async function bringLater({ transport, closed }: Where, payload: Fields, from: number): Promise<void> {
  for (let number = from; number <= RETRIES; number += 1) {
    try {
      await delay(WHILE_AWAY_MS[number - 1], undefined, { ref: false, signal: closed });
    } catch {
      return;
    }
    const retry = { number, reason: REASONS['no-app'] };
    const result = await transport().deliver('events_api', payload, retry);
    if (result.ok) return;
  }
}
