import { type EndedBy, runInThread } from '../../platform/run-in-thread.js';
import { Refusal } from './reach.js';

export interface ReadablePage {
  title: string;
  markdown: string;
}

/** Limits for parsing a page: milliseconds, and MB of memory. */
const LIMITS = { timeoutMs: 10_000, memoryMb: 256 };

const WHY: Record<EndedBy, string> = {
  error: 'Its HTML could not be parsed.',
  memory: 'It is too large to be read.',
  timeout: 'It is too complex to be read.',
};

/** Converts an HTML page to Markdown in a thread with limits, because a hostile page can block a parser for minutes. */
export async function readHtml(html: string, url: string, signal: AbortSignal): Promise<ReadablePage> {
  const module = new URL('./read-html-worker.js', import.meta.url);
  return await runInThread<ReadablePage, never>(
    { module, data: { html, url }, ...LIMITS },
    (by, cause) => {
      throw new Refusal(WHY[by], { cause });
    },
    signal,
  );
}
