import { createWorkers, type WorkerSettings } from '../../../src/temporal/worker/worker.js';
import { workflowBundle } from './workflow-bundle.js';

/** Calls that hang end soon. */
const STOP_TIMES = { callsMs: 5_000, postsMs: 5_000, cancelledMs: 4_000 };

/** Workers for all task queues, in the background; returns what stops them. */
export async function startWorkers(settings: WorkerSettings): Promise<() => Promise<void>> {
  const workers = await createWorkers({
    code: { workflowBundle: await workflowBundle() },
    stopTimes: STOP_TIMES,
    ...settings,
  });
  const working = workers.run();
  working.catch(() => 'told by what stops them');
  return async () => {
    workers.shutdown();
    await working;
  };
}

/** Workers for all task queues that live as long as `work`. */
export async function withWorkers<T>(settings: WorkerSettings, work: () => Promise<T>): Promise<T> {
  const stop = await startWorkers(settings);
  try {
    return await work();
  } finally {
    await stop();
  }
}
