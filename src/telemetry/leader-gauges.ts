import type { RunView } from '../run/run-view.js';
import { setGauge } from './metrics.js';
import { warnOf } from './warnings.js';

/** Time between two reports, in milliseconds. Prometheus usually asks that often. */
const EVERY_MS = 15_000;

interface WaitingRuns {
  waiting(): Promise<RunView[]>;
}

/** Reports what one process reports for all. Call it where the work of the leader begins, and `stop` where it ends: then others may report. */
export function reportWaitingRuns(ledger: WaitingRuns): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const report = async () => {
    try {
      const runs = await ledger.waiting();
      if (isStopped) return;
      setGauge('countersign.runs.waiting', runs.length);
      setGauge('countersign.runs.oldest_wait', oldestWait(runs, Date.now()));
    } catch (error) {
      warnOf('run-gauges', error, 'The waiting runs could not be counted');
    }
    if (!isStopped) timer = setTimeout(next, EVERY_MS).unref();
  };
  let round = Promise.resolve();
  const next = () => {
    round = report();
  };
  setGauge('countersign.leader', 1);
  next();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      // A process that leads no longer must not go on showing what it last knew.
      for (const name of [
        'countersign.leader',
        'countersign.runs.waiting',
        'countersign.runs.oldest_wait',
      ] as const)
        setGauge(name, 0);
      await round;
    },
  };
}

/** Age of the oldest open request, in seconds; 0 where nothing is open. */
export function oldestWait(runs: Pick<RunView, 'open'>[], now: number): number {
  const asked = runs.flatMap(({ open }) => open.map(({ askedAt }) => Date.parse(askedAt)));
  return Math.max(0, ...asked.map((at) => (now - at) / 1000));
}
