import { setTimeout as delay } from 'node:timers/promises';
import type { Scene } from '../../test/support/scene.js';
import type { Random } from './random.js';

/** What goes wrong, by name. */
const FAULTS: Record<string, (scene: Scene, random: Random) => Promise<void> | void> = {
  'service killed': ({ service }) => service.crash(),
  'Temporal restarted': (scene) => scene.restartTemporal(),
  'Temporal away for a while': (scene, random) => scene.restartTemporal(random.between(1_000, 5_000)),
  'Slack: answer lost': ({ workspace }, random) =>
    workspace.faults.inject({
      kind: 'lose-answer',
      method: random.pick(['chat.postMessage', 'chat.update']),
    }),
  'Slack: request dropped': ({ workspace }, random) =>
    workspace.faults.inject({
      kind: 'drop',
      method: random.pick(['chat.postMessage', 'chat.update', 'conversations.history']),
    }),
  'Slack: slow': ({ workspace }) =>
    workspace.faults.inject({ kind: 'slow', method: 'chat.postMessage', delayMs: 1_500 }),
  'Slack: 429': ({ workspace }) =>
    workspace.faults.inject({ kind: 'ratelimited', method: '*', retryAfterS: 1 }),
  'Slack: 500': ({ workspace }) => workspace.faults.inject({ kind: 'error-500', method: '*' }),
  'Slack: reconnect': ({ workspace }) => workspace.reconnectSockets(),
  'model: 429': ({ model }) => model.faults.inject({ kind: 'error', status: 429, retryAfterS: 1 }),
  'model: 500': ({ model }) => model.faults.inject({ kind: 'error', status: 500 }),
  'model: 529': ({ model }) => model.faults.inject({ kind: 'error', status: 529 }),
  'model: stream cut': ({ model }) => model.faults.inject({ kind: 'cut-stream' }),
  // A search that hangs is given up after a minute.
  'model: hang': ({ model }) => model.faults.inject({ kind: 'hang', match: 'search' }),
  'model: connection reset': ({ model }) => model.faults.inject({ kind: 'reset' }),
};

/** Makes things go wrong at random, until it is told to stop. Returns how often what went wrong. */
export async function makeTrouble(
  scene: Scene,
  random: Random,
  until: AbortSignal,
): Promise<Record<string, number>> {
  const struck: Record<string, number> = {};
  while (!until.aborted) {
    await delay(random.between(150, 900), undefined, { signal: until }).catch(() => 'told to stop');
    if (until.aborted) break;
    const name = random.pick(Object.keys(FAULTS));
    await FAULTS[name]?.(scene, random);
    struck[name] = (struck[name] ?? 0) + 1;
  }
  scene.workspace.faults.clear();
  scene.model.faults.clear();
  return struck;
}
