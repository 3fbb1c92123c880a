import { Worker } from 'node:worker_threads';
import { threadEntry } from './thread-entry.js';
import { untilAborted, withTimeout } from './with-timeout.js';

/** Reason for which a thread gave no answer. */
export type EndedBy = 'error' | 'memory' | 'timeout';

interface ThreadTask {
  /** URL of the built module (`….js`). It posts one message: its answer. */
  module: URL;
  data: object;
  timeoutMs: number;
  /** Limit for the thread's heap. The whole process may grow by twice as much meanwhile. */
  memoryMb: number;
}

const WATCH_EVERY_MS = 50;

/**
 * Runs a module in a thread of its own, for input of others that can block a parser for minutes, or fill the memory. `onEnd` returns the
 * result, or throws, when the thread fails or reaches a limit. Rejects with the signal's reason when that aborts.
 */
export async function runInThread<T, U>(
  { module, data, timeoutMs, memoryMb }: ThreadTask,
  onEnd: (by: EndedBy, cause?: unknown) => U,
  signal?: AbortSignal,
): Promise<T | U> {
  const worker = new Worker(threadEntry(module), {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    env: {},
  });
  const answer = new Promise<T | (() => U)>((resolve) => {
    worker.once('message', resolve);
    worker.once('error', (cause) => {
      const isHeap = 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
      resolve(() => onEnd(isHeap ? 'memory' : 'error', cause));
    });
    worker.once('exit', () => resolve(() => onEnd('memory')));
  });
  // Buffers, such as an unpacked stream, are outside of the heap: no limit of Node's counts them.
  const most = process.memoryUsage.rss() + 2 * memoryMb * 1_000_000;
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > most) void worker.terminate();
  }, WATCH_EVERY_MS);
  try {
    const given = await withTimeout(
      timeoutMs,
      () => (signal ? untilAborted(answer, signal) : answer),
      () => () => onEnd('timeout'),
    );
    return typeof given === 'function' ? (given as () => U)() : given;
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}
