import { cut } from '../../platform/cut.js';
import type { ToolResult, ToolSpec } from '../../run/execution/tools.js';
import { textResult } from '../result.js';
import { decodeBody } from './decode.js';
import { fetchPage, type Page } from './fetch-page.js';
import { PUBLIC, type Reach, Refusal } from './reach.js';
import { readHtml } from './read-html.js';
import { isPdf, readPdfPage } from './read-pdf-page.js';

export type { Reach } from './reach.js';

/** Limit for a page that came with an error status, in characters. */
const MAX_ERROR_PAGE_CHARS = 2_000;
const HTML = /^(text\/html|application\/xhtml\+xml)$/;
const TEXT = /^(text\/.+|application\/(.+\+)?(json|xml|yaml)|application\/(x-)?(yaml|markdown|ndjson))$/;

const spec: ToolSpec = {
  name: 'fetch_url',
  description:
    'Fetches a public web page by its address and returns its readable text as Markdown, with its title and final address first. Plain text, Markdown, JSON and XML come as they are, and of a PDF its text. It only reads, with no cookies and no log-in, and reaches nothing but the public internet.',
  inputSchema: {
    type: 'object',
    properties: { url: { type: 'string', description: 'The whole address, with https:// or http://' } },
    required: ['url'],
    additionalProperties: false,
  },
  readOnly: true,
};

/** Creates the tool that reads a page of the public internet. */
export function createFetchUrl(reach: Reach = PUBLIC) {
  const tooLate = `It took longer than ${reach.timeoutMs / 1000} seconds.`;
  return {
    spec,
    /** Fetches a page. A failure is a result with `isError`; only an abort rejects. */
    async call({ url }: Record<string, unknown>, signal?: AbortSignal): Promise<ToolResult> {
      if (typeof url !== 'string') return textResult('fetch_url needs url, the address of a page.', true);
      const late = AbortSignal.timeout(reach.timeoutMs);
      const ended = signal ? AbortSignal.any([signal, late]) : late;
      try {
        const page = await fetchPage(url, reach, ended);
        const text = await readText(page, ended);
        if (page.status < 400) return textResult(text);
        const start = cut(text, MAX_ERROR_PAGE_CHARS);
        return textResult(`The server answered with status ${page.status}.\n${start}`, true);
      } catch (error) {
        signal?.throwIfAborted();
        const why = late.aborted ? tooLate : explainFailure(error);
        return textResult(`${cut(url, 500)} was not fetched. ${why}`, true);
      }
    },
  };
}

async function readText(page: Page, signal: AbortSignal): Promise<string> {
  const { url, contentType, body } = page;
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const readable = 'only text, HTML, JSON, XML, Markdown and PDF can be read.';
  if (isPdf(type, body)) return await readPdfPage(page, signal);
  if (body.length > 0 && !TEXT.test(type))
    throw new Refusal(`Its type is ${type || 'not named'}; ${readable}`);
  const text = decodeBody(body, contentType);
  if (!HTML.test(type)) return `Address: ${url.href}\n\n${text}`;
  const { title, markdown } = await readHtml(text, url.href, signal);
  return `${title === '' ? '' : `Title: ${title}\n`}Address: ${url.href}\n\n${markdown}`;
}

function explainFailure(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  // `fetch` puts the reason of a failure into `cause`.
  const reason = error instanceof Error ? (error.cause ?? error) : error;
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'There is no such host, or its name could not be looked up.';
  return `The connection failed${code === '' ? '' : ` (${code})`}.`;
}
