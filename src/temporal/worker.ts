import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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

/** How many of them one process has in flight at once. Further ones wait in their task queue, on Temporal's server. */
const DELIVERIES_AT_ONCE = 100;
const MODEL_CALLS_AT_ONCE = 100;
const TOOL_CALLS_AT_ONCE = 100;

/** Cached runs cost about 1 MB each; past this the worker replays the oldest instead of running out of memory. */
const MAX_CACHED_WORKFLOWS = 500;

export interface WorkerSettings {
  connection: NativeConnection;
  namespace?: string;
  /** The first of the task queues; the others are named after it. */
  taskQueue: string;
  activities: Activities;
  payloads?: PayloadHandling;
  versioning?: Versioning;
  /** @default the product's workflow */
  code?: WorkflowCode;
}

export type WorkflowCode = Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'>;

/** The workers of one process, one a task queue. */
export interface Workers {
  /** Polls all task queues until `shutdown`. When one worker fails, the others end too, and this rejects. */
  run(): Promise<void>;
  /** Takes no more tasks. What is in flight has five seconds to finish. */
  shutdown(): void;
}

/** Logged by each worker that has activities only, which is on purpose. */
const NO_WORKFLOWS = 'No workflows registered, not polling for workflow tasks';

/** Sends what Temporal's core and workers log to `write`, and leaves process signals to us. Call once, before any worker. */
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

/** Workers for the workflow, its posts and checkpoints; for calls to models; and for calls of tools. */
export async function createWorkers({
  connection,
  namespace,
  taskQueue,
  activities: { searchWeb, callLlm, callTool, ...deliveries },
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
    // A cancellation reaches an activity with its heartbeat: `/agent cancel` reaches the call in flight within 2 s.
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
      // After a worker's death its runs wait this long for it before another takes them over.
      stickyQueueScheduleToStartTimeout: '1 second',
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
      activities: { callTool },
      maxConcurrentActivityTaskExecutions: TOOL_CALLS_AT_ONCE,
    }),
  ];

  const shutdown = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    shutdown,
    async run() {
      const ends = await Promise.allSettled(workers.map((worker) => worker.run().finally(shutdown)));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}

/** The prebuilt bundle where there is one (it starts faster), else the sources. */
export function workflowCode(): WorkflowCode {
  const bundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (existsSync(bundle)) return { workflowBundle: { codePath: bundle } };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return { workflowsPath: fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url)) };
}
