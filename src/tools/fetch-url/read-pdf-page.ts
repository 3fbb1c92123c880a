import { MAX_TEXT_BYTES } from '../limits.js';
import { readPdf } from '../read-file/read-pdf.js';
import type { Page } from './fetch-page.js';
import { Refusal } from './reach.js';

/** True for a PDF, also for one that comes as another type. */
export function isPdf(type: string, body: Buffer): boolean {
  return /^application\/(x-)?pdf$/.test(type) || body.toString('latin1', 0, 5) === '%PDF-';
}

/** Reads the text of a PDF, page by page. @throws Refusal when there is none. */
export async function readPdfPage({ url, body }: Page, signal: AbortSignal): Promise<string> {
  // The result is cut with a note, so one character more than fits is read.
  const read = await readPdf(body, MAX_TEXT_BYTES + 1, signal);
  if ('why' in read) throw new Refusal(`It came as a PDF, but ${read.why}.`);
  const text = read.kind === 'text' ? read.text : '';
  return `Address: ${url.href}\nIt is a PDF. Its text:\n\n${text}`;
}
