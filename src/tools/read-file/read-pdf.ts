import { type EndedBy, runInThread } from '../../platform/run-in-thread.js';
import type { FileContent } from '../../run/thread.js';
import { cutText } from './cut-text.js';
import type { PdfText } from './pdf-to-text.js';

/** Limits for the parsing of a file: milliseconds, and MB of memory. */
const LIMITS = { timeoutMs: 10_000, memoryMb: 256 };

const WHY: Record<EndedBy, string> = {
  error: 'it is no PDF that can be read',
  memory: 'it needs too much memory',
  timeout: 'it takes too long to read',
};

/** Reads the text of a PDF in a thread with limits, because a hostile file can block a parser, or fill the memory. */
export async function readPdf(
  bytes: Buffer,
  maxChars: number,
  signal?: AbortSignal,
): Promise<FileContent | { why: string }> {
  const module = new URL('./read-pdf-worker.js', import.meta.url);
  const read = await runInThread<PdfText, { why: string }>(
    { module, data: { bytes, maxChars }, ...LIMITS },
    (by) => ({ why: WHY[by] }),
    signal,
  );
  return 'why' in read ? read : cutText(read.text, maxChars);
}
