import { isIP, type LookupFunction } from 'node:net';
import { Agent, fetch, type Response } from 'undici';
import { cut } from '../../platform/cut.js';
import { untilAborted } from '../../platform/with-timeout.js';
import { type Address, type Reach, Refusal } from './reach.js';

export type Page = Awaited<ReturnType<typeof fetchPage>>;

const MAX_REDIRECTS = 5;
/** Limit for a body after decompression, in bytes. */
const MAX_BODY_BYTES = 5_000_000;
/** Encodings that `fetch` can decompress. */
const ENCODINGS = ['', 'identity', 'gzip', 'x-gzip', 'deflate', 'br'];
const HEADERS = {
  accept:
    'text/html,application/xhtml+xml,text/markdown,text/plain,application/json,application/xml;q=0.9,*/*;q=0.1',
  'accept-encoding': 'gzip, deflate, br',
  'user-agent': 'countersign (fetch_url)',
};

/**
 * Fetches a page; `url` is the address after all redirects. Each address is checked, and the connection goes to a checked address only.
 *
 * @throws Refusal, the signal's reason, or the network's error.
 */
export async function fetchPage(address: string, reach: Reach, signal: AbortSignal) {
  let url = readUrl(address);
  for (let redirects = 0; ; redirects += 1) {
    const dispatcher = connectTo(await resolveAllowed(url, reach, signal));
    try {
      const response = await fetch(url, { dispatcher, signal, redirect: 'manual', headers: HEADERS });
      const { status, headers } = response;
      const location = [301, 302, 303, 307, 308].includes(status) ? headers.get('location') : null;
      const contentType = headers.get('content-type') ?? '';
      if (location === null) return { url, status, contentType, body: await readBody(response) };
      if (redirects === MAX_REDIRECTS) throw new Refusal(`It redirects more than ${MAX_REDIRECTS} times.`);
      url = readUrl(location, url);
    } finally {
      await dispatcher.destroy();
    }
  }
}

function readUrl(address: string, base?: URL): URL {
  if (!URL.canParse(address, base?.href)) throw new Refusal(`"${cut(address, 200)}" is no address.`);
  const url = new URL(address, base?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Refusal(`Only http and https addresses can be fetched, not ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw new Refusal('Addresses with a user name or a password in them are not fetched.');
  return url;
}

/** Resolves a host to its addresses. @throws Refusal when one of them is forbidden. */
async function resolveAllowed(url: URL, reach: Reach, signal: AbortSignal): Promise<Address[]> {
  const host = url.hostname.replaceAll(/^\[|\]$/g, '');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const family = isIP(host);
  const addresses = family ? [{ address: host, family }] : await untilAborted(reach.resolve(host), signal);
  if (addresses.length === 0) throw new Refusal(`There is no host ${host}.`);
  if (addresses.every(({ address }) => reach.allowAddress(address, port))) return addresses;
  if (port !== 80 && port !== 443) throw new Refusal(`Port ${port} is not allowed, only 80 and 443.`);
  throw new Refusal(`${host} is not a public address, so it is not fetched.`);
}

/** Connects only to the checked addresses, even if the name resolves to others by now. The name stays in Host and in TLS. */
function connectTo(addresses: Address[]): Agent {
  const lookup: LookupFunction = (_host, options, done) => {
    if (options.all) done(null, addresses);
    else done(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
  return new Agent({ connect: { lookup } });
}

/** Reads the whole body. The limit applies after decompression. */
async function readBody({ body, headers }: Response): Promise<Buffer> {
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (!ENCODINGS.includes(encoding))
    throw new Refusal(`Its content encoding is not supported (${cut(encoding, 50)}).`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Refusal(`It is larger than ${MAX_BODY_BYTES / 1_000_000} MB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
