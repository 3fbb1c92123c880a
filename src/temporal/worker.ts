import {
  type LogEntry,
  type LogLevel,
  type LogMetadata,
  makeTelemetryFilterString,
  type NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Activities } from '../activities/types.js';
import { callQueues } from '../workflows/runtime/task-queues.js';
import { dataConverter, type PayloadHandling } from './payloads/storage.js';
import { deploymentOptions, type Versioning } from './versions.js';
import { type WorkflowCode, workflowCode } from './workflow-bundle.js';

/** Limits for the activities that one process runs at once. Further ones wait in their task queue on Temporal's server. */
const DELIVERIES_AT_ONCE = 100;
const MODEL_CALLS_AT_ONCE = 100;
const TOOL_CALLS_AT_ONCE = 100;

/** Limit for cached runs, which take about 0.1 MB each. Beyond it the worker evicts the oldest and replays them when needed. */
const MAX_CACHED_WORKFLOWS = 500;

export interface WorkerSettings {
  connection: NativeConnection;
  namespace?: string;
  /** Name of the first task queue; the others' names derive from it. */
  taskQueue: string;
  activities: Activities;
  payloads?: PayloadHandling;
  versioning?: Versioning;
  /** @default the product's workflow */
  code?: WorkflowCode;
}

/** Workers of one process, one for each task queue. */
export interface Workers {
  /** Polls all task queues until `shutdown`. When one worker fails, the others end too, and `run` rejects. */
  run(): Promise<void>;
  /** True while every task queue is polled. */
  isPolling(): boolean;
  /** Takes no more tasks. Tasks in flight have five seconds to finish. */
  shutdown(): void;
}

/** Warning of each worker that has only activities, which is intended. */
const NO_WORKFLOWS = 'No workflows registered, not polling for workflow tasks';

/** Sends logs of Temporal's core and workers to `write`, and leaves process signals to the service. Call it once, before any worker. */
export function installRuntime(write: (entry: LogEntry) => void): void {
  const log = (level: LogLevel, message: string, meta?: LogMetadata) => {
    if (message !== NO_WORKFLOWS) write({ level, message, timestampNanos: 0n, ...(meta && { meta }) });
  };
  const at = (level: LogLevel) => (message: string, meta?: LogMetadata) => log(level, message, meta);
  Runtime.install({
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    },
    logger: {
      log,
      trace: at('TRACE'),
      debug: at('DEBUG'),
      info: at('INFO'),
      warn: at('WARN'),
      error: at('ERROR'),
    },
  });
}

/** Creates workers for the workflow with its posts and ledger writes, for model calls, and for what reaches others: tool calls, and files of threads. */
export async function createWorkers({
  connection,
  namespace,
  taskQueue,
  activities: { searchWeb, callLlm, callTool, readThread, ...deliveries },
  payloads = {},
  versioning,
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
    shutdownGraceTime: '5 seconds',
    shutdownForceTime: '9 seconds',
  } satisfies Omit<WorkerOptions, 'taskQueue'>;
  const workers = [
    await Worker.create({
      ...shared,
      taskQueue,
      activities: deliveries,
      maxConcurrentActivityTaskExecutions: DELIVERIES_AT_ONCE,
      ...code,
      maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
      // After a worker's death its runs wait this long before another worker takes them. A busy worker that takes longer loses them from its cache.
      stickyQueueScheduleToStartTimeout: '5 seconds',
    }),
    await Worker.create({
      ...shared,
      taskQueue: models,
      activities: { searchWeb, callLlm },
      maxConcurrentActivityTaskExecutions: MODEL_CALLS_AT_ONCE,
    }),
    await Worker.create({
      ...shared,
      taskQueue: tools,
      activities: { callTool, readThread },
      maxConcurrentActivityTaskExecutions: TOOL_CALLS_AT_ONCE,
    }),
  ];

  const shutdown = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    shutdown,
    isPolling: () => workers.every((worker) => worker.getState() === 'RUNNING'),
    async run() {
      const ends = await Promise.allSettled(workers.map((worker) => worker.run().finally(shutdown)));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}
