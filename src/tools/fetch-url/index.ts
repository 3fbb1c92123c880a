import type { ToolResult, ToolSpec } from '../../run/tools.js';
import { textResult } from '../result.js';
import { decode } from './decode.js';
import { get, type Page } from './get.js';
import { PUBLIC, type Reach } from './reach.js';
import { readable } from './readable.js';
import { Refusal } from './refusal.js';

export type { Reach } from './reach.js';

/** A tool of ours, beside those of the servers. */
export interface BuiltInTool {
  spec: ToolSpec;
  /** What goes wrong is a result that says so; only an abort rejects. */
  call(input: Record<string, unknown>, signal?: AbortSignal): Promise<ToolResult>;
}

/** Characters of a page that came with an error's status. */
const MAX_ERROR_PAGE = 2_000;
const HTML = /^(text\/html|application\/xhtml\+xml)$/;
const TEXT = /^(text\/.+|application\/(.+\+)?(json|xml|yaml)|application\/(x-)?(yaml|markdown|ndjson))$/;

const spec: ToolSpec = {
  name: 'fetch_url',
  description:
    'Fetches a public web page by its address and returns its readable text as Markdown, with its title and final address first. Plain text, Markdown, JSON and XML come as they are. It only reads, with no cookies and no log-in, and reaches nothing but the public internet.',
  inputSchema: {
    type: 'object',
    properties: { url: { type: 'string', description: 'The whole address, with https:// or http://' } },
    required: ['url'],
    additionalProperties: false,
  },
  readOnly: true,
};

/** Reads a page of the public internet. */
export function createFetchUrl(reach: Reach = PUBLIC): BuiltInTool {
  const tooLate = `It took longer than ${reach.timeoutMs / 1000} seconds.`;
  return {
    spec,
    async call({ url }, signal) {
      if (typeof url !== 'string') return textResult('fetch_url needs url, the address of a page.', true);
      const late = AbortSignal.timeout(reach.timeoutMs);
      const ended = signal ? AbortSignal.any([signal, late]) : late;
      try {
        const page = await get(url, reach, ended);
        const text = await textOf(page, ended);
        return page.status >= 400 ? textResult(errorPage(page, text), true) : textResult(text);
      } catch (error) {
        signal?.throwIfAborted();
        return textResult(
          `${url.slice(0, 500)} was not fetched. ${late.aborted ? tooLate : whyNot(error)}`,
          true,
        );
      }
    },
  };
}

async function textOf({ url, contentType, body }: Page, signal: AbortSignal): Promise<string> {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (body.length > 0 && !TEXT.test(type)) {
    throw new Refusal(
      `Its type is ${type || 'not named'}; only text, HTML, JSON, XML and Markdown can be read.`,
    );
  }
  const text = decode(body, contentType);
  if (!HTML.test(type)) return `Address: ${url.href}\n\n${text}`;
  const { title, markdown } = await readable(text, url.href, signal);
  return `${title === '' ? '' : `Title: ${title}\n`}Address: ${url.href}\n\n${markdown}`;
}

function errorPage({ status }: Page, text: string): string {
  return `The server answered with status ${status}.\n${text.slice(0, MAX_ERROR_PAGE)}`;
}

function whyNot(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'There is no such host, or its name could not be looked up.';
  return `The connection failed${code === '' ? '' : ` (${code})`}.`;
}
