import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type LogEntry,
  makeTelemetryFilterString,
  type NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { dataConverter, type PayloadHandling } from './payload-storage.js';
import { deploymentOptions, type Versioning } from './versions.js';

/** Cached runs cost about 1 MB each; past this the worker replays the oldest instead of running out of memory. */
const MAX_CACHED_WORKFLOWS = 500;

export interface WorkerSettings {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  activities: object;
  payloads: PayloadHandling;
  versioning?: Versioning;
}

/** Sends what Temporal's core and workers log to `write`, and leaves process signals to us. Call once, before any worker. */
export function installRuntime(write: (entry: LogEntry) => void): void {
  Runtime.install({
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    },
    logger: {
      log: (level, message, meta) => write({ level, message, timestampNanos: 0n, ...(meta && { meta }) }),
      trace: (message, meta) => write({ level: 'TRACE', message, timestampNanos: 0n, ...(meta && { meta }) }),
      debug: (message, meta) => write({ level: 'DEBUG', message, timestampNanos: 0n, ...(meta && { meta }) }),
      info: (message, meta) => write({ level: 'INFO', message, timestampNanos: 0n, ...(meta && { meta }) }),
      warn: (message, meta) => write({ level: 'WARN', message, timestampNanos: 0n, ...(meta && { meta }) }),
      error: (message, meta) => write({ level: 'ERROR', message, timestampNanos: 0n, ...(meta && { meta }) }),
    },
  });
}

export function createWorker({ payloads, versioning, ...settings }: WorkerSettings): Promise<Worker> {
  return Worker.create({
    ...settings,
    dataConverter: dataConverter(payloads),
    ...deploymentOptions(versioning),
    ...workflowCode(),
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    // After a worker's death its runs wait this long for it before another takes them over.
    stickyQueueScheduleToStartTimeout: '1 second',
    // A cancellation reaches an activity with its heartbeat: `/agent cancel` reaches the call in flight within 2 s.
    maxHeartbeatThrottleInterval: '1500 ms',
    shutdownGraceTime: '5 seconds',
    shutdownForceTime: '9 seconds',
  });
}

/** The prebuilt bundle where there is one (it starts faster), else the sources. */
export function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const bundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (existsSync(bundle)) return { workflowBundle: { codePath: bundle } };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return { workflowsPath: fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url)) };
}
