import { Worker } from 'node:worker_threads';
import { threadEntry } from '../../thread-entry.js';
import { Refusal } from './refusal.js';

/** What is worth reading in a page. */
export interface Readable {
  title: string;
  markdown: string;
}

/** How long a page may be worked on, in milliseconds, and how much memory, in MB. */
const WITHIN_MS = 10_000;
const MEMORY_MB = 256;

/**
 * The readable part of an HTML page, in Markdown. A page is somebody else's, and one made for it keeps a parser busy for minutes: so
 * it is read in a thread of its own, which is ended when it takes too long or too much.
 */
export async function readable(html: string, url: string, signal: AbortSignal): Promise<Readable> {
  const worker = new Worker(threadEntry(new URL('./readable-worker.js', import.meta.url)), {
    workerData: { html, url },
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    env: {},
  });
  let onAbort = () => {};
  try {
    return await new Promise<Readable>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Refusal('It is too intricate to be read.')), WITHIN_MS);
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      worker.once('message', resolve);
      worker.once('error', (cause) => reject(new Refusal('It is not HTML that can be read.', { cause })));
      worker.once('exit', () => {
        clearTimeout(timer);
        reject(new Refusal('It is too large to be read.'));
      });
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
