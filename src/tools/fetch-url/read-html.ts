import { Worker } from 'node:worker_threads';
import { threadEntry } from '../../thread-entry.js';
import { untilAborted, withTimeout } from '../../with-timeout.js';
import { Refusal } from './refusal.js';

/** The readable part of a page. */
export interface ReadablePage {
  title: string;
  markdown: string;
}

/** Limits for the work on a page: milliseconds, and MB of memory. */
const TIMEOUT_MS = 10_000;
const MEMORY_MB = 256;

/**
 * Reads an HTML page as Markdown. A hostile page can keep a parser busy for minutes, so it is read in a thread of its own, which is ended
 * when it takes too long or too much memory.
 */
export async function readHtml(html: string, url: string, signal: AbortSignal): Promise<ReadablePage> {
  const worker = new Worker(threadEntry(new URL('./read-html-worker.js', import.meta.url)), {
    workerData: { html, url },
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    env: {},
  });
  const page = new Promise<ReadablePage>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (cause) => reject(new Refusal('It is not HTML that can be read.', { cause })));
    worker.once('exit', () => reject(new Refusal('It is too large to be read.')));
  });
  const onTimeout = () => {
    throw new Refusal('It is too intricate to be read.');
  };
  try {
    return await withTimeout(TIMEOUT_MS, () => untilAborted(page, signal), onTimeout);
  } finally {
    await worker.terminate();
  }
}
