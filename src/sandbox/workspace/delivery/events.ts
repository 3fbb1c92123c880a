import type { Manifest } from '../manifest.js';
import type { WorkspaceState } from '../state.js';
import type { Fields } from '../validation/problems.js';
import type { Transport } from './delivery.js';
import { eventPayload } from './payloads.js';

const EVENT_RETRIES = 3;

/** Brings an event to the app if it subscribed to it; again, as Slack does, when it isn't acknowledged. */
export async function tellApp(
  { state, manifest, transport }: { state: WorkspaceState; manifest: Manifest; transport(): Transport },
  name: string,
  event: Fields,
): Promise<void> {
  if (!manifest.events.includes(name)) return;
  const payload = eventPayload(state, event);
  let result = await transport().deliver('events_api', payload);
  for (let number = 1; !result.ok && result.reason !== 'no-app' && number <= EVENT_RETRIES; number += 1) {
    const reason = result.reason === 'timeout' ? 'http_timeout' : 'http_error';
    result = await transport().deliver('events_api', payload, { number, reason });
  }
}
