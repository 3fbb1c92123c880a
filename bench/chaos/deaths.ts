import { setTimeout as delay } from 'node:timers/promises';
import type { Scene } from '../../test/support/product/scene.js';
import type { Random } from './random.js';

/**
 * A process of the service is killed once it has run for this long, in milliseconds, and for as long as its start took. On a busy machine it would else
 * do nothing but start.
 */
const MIN_UPTIME_MS = 2_000;

/** Time between two deaths of replicas, in milliseconds. */
const DEATH_EVERY_MS = 10_000;

/** Kills a process of the service. Returns false when none has run for long enough. */
export function killService({ services }: Scene, random: Random): boolean {
  const process = findLongUp(services, random);
  process?.crash();
  return process !== undefined;
}

/** A process at random among those that have run long enough to be killed. */
function findLongUp(services: Scene['services'], random: Random): Scene['service'] | undefined {
  const up = services.filter(({ uptimeMs, startMs }) => uptimeMs() >= Math.max(MIN_UPTIME_MS, startMs()));
  return up.length > 0 ? random.pick(up) : undefined;
}

/** Ends one replica after the other until the signal aborts, most of them like a crash, some like a deploy. `count` is told of each end. */
export async function endReplicas(
  { services }: Scene,
  random: Random,
  until: AbortSignal,
  count: (what: string) => void,
): Promise<void> {
  for (;;) {
    await delay(DEATH_EVERY_MS, undefined, { signal: until }).catch(() => 'told to stop');
    if (until.aborted) return;
    const process = findLongUp(services, random);
    const isDeploy = random.pick([false, false, true]);
    if (!process) continue;
    process[isDeploy ? 'restart' : 'crash']();
    count(`${process.role} ${isDeploy ? 'restarted by SIGTERM' : 'killed'}`);
  }
}
