import { Worker } from 'node:worker_threads';
import { threadEntry } from '../../platform/thread-entry.js';
import { untilAborted, withTimeout } from '../../platform/with-timeout.js';
import { Refusal } from './reach.js';

export interface ReadablePage {
  title: string;
  markdown: string;
}

/** Limits for parsing a page: milliseconds, and MB of memory. */
const TIMEOUT_MS = 10_000;
const MEMORY_MB = 256;

/** Converts an HTML page to Markdown in a thread with limits, because a hostile page can block a parser for minutes. */
export async function readHtml(html: string, url: string, signal: AbortSignal): Promise<ReadablePage> {
  const worker = new Worker(threadEntry(new URL('./read-html-worker.js', import.meta.url)), {
    workerData: { html, url },
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    env: {},
  });
  const page = new Promise<ReadablePage>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (cause) => reject(new Refusal('Its HTML could not be parsed.', { cause })));
    worker.once('exit', () => reject(new Refusal('It is too large to be read.')));
  });
  try {
    return await withTimeout(
      TIMEOUT_MS,
      () => untilAborted(page, signal),
      () => {
        throw new Refusal('It is too complex to be read.');
      },
    );
  } finally {
    await worker.terminate();
  }
}
