import type { Ledger } from '../index.js';

const DAY_MS = 86_400_000;

export interface Upkeep {
  /** Begins at once, and goes on once a day. */
  start(): void;
  /** Ends after the step that is in work. */
  stop(): Promise<void>;
}

/**
 * Looks after the ledger, in one process of all. Views of an older version are made anew, and runs are erased that have been over for
 * `retentionMs`. Without it runs are kept for ever.
 */
export function createUpkeep({
  ledger,
  retentionMs,
  log,
}: {
  ledger: Pick<Ledger, 'refreshViews' | 'prune'>;
  retentionMs?: number | undefined;
  log: { info(about: object, text: string): void; warn(about: object, text: string): void };
}): Upkeep {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  let isStopped = true;

  const work = async () => {
    const views = await ledger.refreshViews(() => isStopped);
    if (views > 0) log.info({ views }, 'Views of an older version were made anew');
    if (isStopped) return;
    const before = retentionMs === undefined ? undefined : new Date(Date.now() - retentionMs).toISOString();
    const runs = await ledger.prune(before, () => isStopped);
    if (runs > 0)
      log.info({ runs, before }, 'Runs were erased that were over for longer than LEDGER_RETENTION');
  };
  const begin = () => {
    working = working.then(work).catch((err: unknown) => log.warn({ err }, UNDONE));
  };
  return {
    start() {
      if (!isStopped) return;
      isStopped = false;
      begin();
      timer = setInterval(begin, DAY_MS).unref();
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await working;
    },
  };
}

const UNDONE =
  'The ledger was not looked after: old views or old runs are still there. It is tried again tomorrow';
