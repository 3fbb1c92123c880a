import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from '../ledger/index.js';
import { withTimeout } from '../platform/with-timeout.js';
import { warnOf } from '../telemetry/warnings.js';

/** Beginning of the names of the leases that workers hold. */
const WORKER = 'worker/';

/** Time for which a worker counts, and time between two looks, in milliseconds. A killed worker counts until its lease ends. */
const LEASE_MS = 30_000;
const EVERY_MS = 10_000;

/** Longest wait for the database at a stop, in milliseconds. */
const RELEASE_WITHIN_MS = 1_000;

interface Parts {
  leases: Pick<Ledger, 'takeLease' | 'releaseLease' | 'countLeases'>;
  /** Called with the number of workers, this one among them, at each look. */
  counted(workers: number): void;
  /** Time between two looks, in milliseconds. @default 10 s */
  everyMs?: number;
}

/** Counts the worker processes on the database, which share Slack's limits. While the database is away, the last number holds. */
export function countWorkers({ leases, counted, everyMs = EVERY_MS }: Parts) {
  const holder = randomUUID();
  const name = `${WORKER}${holder}`;
  const stopping = new AbortController();
  const look = async () => {
    await leases.takeLease(name, holder, LEASE_MS);
    counted(Math.max(1, await leases.countLeases(WORKER)));
  };
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await look().catch((error: unknown) => warnOf('look-up', error, 'The workers could not be counted'));
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => 'stopped');
    }
  })();
  return {
    async stop(): Promise<void> {
      stopping.abort();
      const release = () => looking.then(() => leases.releaseLease(name, holder));
      await withTimeout(RELEASE_WITHIN_MS, release, () => 'it ends by itself').catch(
        () => 'it ends by itself',
      );
    },
  };
}
