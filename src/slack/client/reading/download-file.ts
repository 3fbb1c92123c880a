import { setTimeout as delay } from 'node:timers/promises';
import { reveal, type Secret } from '../../../platform/secret.js';

/** A file's bytes, or the reason why they can't be had. */
export type Download = { bytes: Buffer } | { why: string };
export type DownloadFile = (address: string, options: DownloadOptions) => Promise<Download>;

export interface DownloadOptions {
  maxBytes: number;
  /** True for a file that is an HTML page itself. Any other page is Slack's sign-in form. */
  isHtml: boolean;
  signal?: AbortSignal | undefined;
}

/** Hosts of Slack that need the token, with their subdomains: `files.slack.com`, and `files-origin.slack.com` on Enterprise Grid. */
const WITH_TOKEN = ['slack.com', 'slack-gov.com'];
/** Hosts of Slack to which signed addresses lead. They need no token. */
const WITHOUT_TOKEN = ['slack-edge.com'];

const MAX_REDIRECTS = 3;
const TIMEOUT_MS = 30_000;
/** Pause before the only second attempt, in milliseconds. */
const PAUSE_MS = 1_000;

const ELSEWHERE = { why: 'it is not at an address of Slack' };

/**
 * Creates a function that downloads files with the bot token. The token goes to Slack's own hosts and to the server of `apiUrl` alone. Each
 * redirect is checked: on Enterprise Grid one leads to another host of Slack, which needs the token, too.
 */
export function createDownload({ token, apiUrl }: { token: Secret; apiUrl?: string }): DownloadFile {
  const ownOrigin = apiUrl === undefined ? undefined : new URL(apiUrl).origin;
  const isOn = ({ protocol, hostname }: URL, hosts: string[]) =>
    protocol === 'https:' && hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`));

  const attempt: DownloadFile = async (address, { maxBytes, isHtml, signal }) => {
    const late = AbortSignal.timeout(TIMEOUT_MS);
    const ended = signal ? AbortSignal.any([signal, late]) : late;
    let url = new URL(address);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const getsToken = url.origin === ownOrigin || isOn(url, WITH_TOKEN);
      if (!getsToken && !isOn(url, WITHOUT_TOKEN)) return ELSEWHERE;
      const headers = getsToken ? { authorization: `Bearer ${reveal(token)}` } : {};
      const response = await fetch(url, { headers, redirect: 'manual', signal: ended });
      const location = response.status >= 300 && response.status < 400 && response.headers.get('location');
      if (!location) return await readResponse(response, { maxBytes, isHtml });
      await response.body?.cancel();
      if (!URL.canParse(location, url.href)) return ELSEWHERE;
      url = new URL(location, url.href);
    }
    return { why: 'its address leads from one place to the next' };
  };

  return async (address, options) => {
    if (!URL.canParse(address)) return { why: 'Slack names no address for it' };
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await attempt(address, options);
      } catch (error) {
        options.signal?.throwIfAborted();
        if (attempts === 2) return { why: error instanceof Busy ? error.message : 'it could not be reached' };
        await delay(PAUSE_MS, undefined, { signal: options.signal });
      }
    }
  };
}

/** Slack answered with an error that may pass. */
class Busy extends Error {}

async function readResponse(
  response: Response,
  { maxBytes, isHtml }: Pick<DownloadOptions, 'maxBytes' | 'isHtml'>,
): Promise<Download> {
  const { status, headers } = response;
  if (status === 429 || status >= 500) throw new Busy(`Slack answered with HTTP ${status}`);
  if (status !== 200) return { why: `Slack answered with HTTP ${status}` };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) return { why: TOO_LARGE };
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  // Without the scope Slack answers 200 with a page in which people sign in (vercel/eve#1531, spawn#2316).
  const isPage =
    /^text\/html/i.test(headers.get('content-type') ?? '') ||
    /^\s*<(!doctype html|html)/i.test(bytes.toString('latin1', 0, 100));
  return isPage && !isHtml ? { why: SIGN_IN } : { bytes };
}

/** Limit for one file, in bytes. */
export const MAX_FILE_BYTES = 10_000_000;
export const SIGN_IN = 'Slack asked me to sign in: the app needs the scope files:read';
export const TOO_LARGE = `it is larger than ${MAX_FILE_BYTES / 1_000_000} MB`;
