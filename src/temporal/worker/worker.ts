import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Activities } from '../../activities/types.js';
import { callQueues } from '../../workflows/runtime/task-queues.js';
import { dataConverter, type PayloadHandling } from '../payloads/storage.js';
import { deploymentOptions, type Versioning } from '../versions.js';
import { DEFAULT_SLOTS, type Slots } from './slots.js';
import { DEFAULT_GRACE_MS, type StopTimes, stopTimesWithin } from './stop-times.js';
import { type WorkflowCode, workflowCode } from './workflow-bundle.js';

export interface WorkerSettings {
  connection: NativeConnection;
  namespace?: string;
  /** Name of the first task queue; the others' names derive from it. */
  taskQueue: string;
  activities: Activities;
  payloads?: PayloadHandling;
  versioning?: Versioning;
  slots?: Slots;
  stopTimes?: StopTimes;
  /** @default the product's workflow */
  code?: WorkflowCode;
}

/** Workers of one process, one for each task queue. */
export interface Workers {
  /** Polls all task queues until `shutdown`. When one worker fails, the others end too, and `run` rejects. */
  run(): Promise<void>;
  /** True while every task queue is polled. */
  isPolling(): boolean;
  /** Takes no more calls to models and tools, and waits for those in flight. The workflow and posts go on, and so deliver the answers. */
  drainCalls(): Promise<void>;
  /** Takes no more tasks of any kind. */
  shutdown(): void;
}

/** Creates workers for the workflow with its posts and ledger writes, for model calls, and for what reaches others: tool calls, and files of threads. */
export async function createWorkers({
  connection,
  namespace,
  taskQueue,
  activities: { searchWeb, callLlm, callTool, readThread, ...deliveries },
  payloads = {},
  versioning,
  slots = DEFAULT_SLOTS,
  stopTimes: { callsMs, postsMs, cancelledMs } = stopTimesWithin(DEFAULT_GRACE_MS),
  code = workflowCode(),
}: WorkerSettings): Promise<Workers> {
  const { models, tools } = callQueues(taskQueue);
  const shared = {
    connection,
    ...(namespace !== undefined && { namespace }),
    dataConverter: dataConverter(payloads),
    ...deploymentOptions(versioning),
    // A cancellation reaches an activity with its heartbeat, so `/agent cancel` takes at most 2 s.
    maxHeartbeatThrottleInterval: '1500 ms',
  } satisfies Omit<WorkerOptions, 'taskQueue'>;
  const endingWithin = (graceMs: number) => ({
    shutdownGraceTime: graceMs,
    shutdownForceTime: graceMs + cancelledMs,
  });
  const deliverer = await Worker.create({
    ...shared,
    ...endingWithin(postsMs),
    taskQueue,
    activities: deliveries,
    maxConcurrentActivityTaskExecutions: slots.posts,
    ...code,
    maxCachedWorkflows: slots.workflows,
    // After a worker's death its runs wait this long before another worker takes them. A busy worker that takes longer loses them from its cache.
    stickyQueueScheduleToStartTimeout: '5 seconds',
  });
  const callers = [
    await Worker.create({
      ...shared,
      ...endingWithin(callsMs),
      taskQueue: models,
      activities: { searchWeb, callLlm },
      maxConcurrentActivityTaskExecutions: slots.modelCalls,
    }),
    await Worker.create({
      ...shared,
      ...endingWithin(callsMs),
      taskQueue: tools,
      activities: { callTool, readThread },
      maxConcurrentActivityTaskExecutions: slots.toolCalls,
    }),
  ];

  const workers = [deliverer, ...callers];
  const end = (some: Worker[]) => {
    for (const worker of some) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const shutdown = () => end(workers);
  let running = new Map<Worker, Promise<void>>();
  return {
    shutdown,
    isPolling: () => workers.every((worker) => worker.getState() === 'RUNNING'),
    async run() {
      // A failed worker ends the others. A worker that was drained ends alone.
      const runToItsEnd = async (worker: Worker) => {
        try {
          await worker.run();
        } catch (error) {
          shutdown();
          throw error;
        }
      };
      running = new Map(workers.map((worker) => [worker, runToItsEnd(worker)]));
      const ends = await Promise.allSettled(running.values());
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
    async drainCalls() {
      end(callers);
      await Promise.allSettled(callers.map((worker) => running.get(worker)));
    },
  };
}
