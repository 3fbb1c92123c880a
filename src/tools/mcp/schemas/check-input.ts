import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { RemoteError } from '../../../platform/errors.js';
import { threadEntry } from '../../../platform/thread-entry.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import type { RemoteTool } from '../list-tools.js';
import type { CheckedInput } from './check-input-worker.js';

/** Time-outs for the start of the thread and for one check, in milliseconds, and the thread's memory in MB. */
const START_MS = 10_000;
const CHECK_MS = 1_000;
const MEMORY_MB = 128;

let thread: { worker: Worker; ready: Promise<unknown> } | undefined;
let lastCheck: Promise<unknown> = Promise.resolve();
/** Schemas for which a check took too long. They are not tried again. */
const tooComplex = new WeakSet<object>();

/**
 * Refuses arguments that don't match the tool's schema.
 *
 * @throws RemoteError `InvalidArguments`
 */
export async function checkInput(tool: RemoteTool, input: Record<string, unknown>): Promise<void> {
  const problem = await findInputProblem(tool, input);
  const message = `The arguments of ${tool.spec.name} don't match its schema, so it was not called: ${problem}`;
  if (problem !== undefined) throw new RemoteError('InvalidArguments', message);
}

/**
 * Compares arguments with the tool's schema. With a schema that is invalid, or takes too long, nothing is refused here; the server decides.
 */
export async function findInputProblem(
  { inputSchema: schema }: Pick<RemoteTool, 'inputSchema'>,
  input: Record<string, unknown>,
): Promise<string | undefined> {
  if (tooComplex.has(schema)) return undefined;
  const checked = lastCheck.then(() => findProblem({ schema, input }));
  lastCheck = checked.catch(() => 'its caller is told');
  return await checked.catch(() => {
    tooComplex.add(schema);
    return undefined;
  });
}

/** Checks in a thread that can be ended: a schema holds regular expressions of others, and one of them can run for ever. */
async function findProblem(question: CheckedInput): Promise<string | undefined> {
  thread ??= startThread();
  const { worker, ready } = thread;
  worker.ref();
  try {
    await within(START_MS, ready);
    worker.postMessage(question);
    const [problem] = await within(CHECK_MS, once(worker, 'message'));
    return problem ?? undefined;
  } catch (error) {
    thread = undefined;
    await worker.terminate();
    throw error;
  } finally {
    worker.unref();
  }
}

function startThread() {
  const worker = new Worker(threadEntry(new URL('./check-input-worker.js', import.meta.url)), {
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    env: {},
  });
  const forget = () => {
    if (thread?.worker === worker) thread = undefined;
  };
  worker.on('error', forget).on('exit', forget);
  return { worker, ready: once(worker, 'message') };
}

function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  return withTimeout(
    timeoutMs,
    () => work,
    () => {
      throw new Error('timed out');
    },
  );
}
