import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { untilAborted } from '../../with-timeout.js';
import { type Address, type Reach, Refusal } from './reach.js';

export interface Page {
  /** The address after all redirects. */
  url: URL;
  status: number;
  contentType: string;
  body: Buffer;
}

const MAX_REDIRECTS = 5;
/** Bytes of a body, unpacked. */
const MAX_BODY_BYTES = 5_000_000;
const HEADERS = {
  accept:
    'text/html,application/xhtml+xml,text/markdown,text/plain,application/json,application/xml;q=0.9,*/*;q=0.1',
  'accept-encoding': 'gzip, deflate, br',
  'user-agent': 'countersign (fetch_url)',
};

/**
 * Gets a page. Each redirect's address is checked anew, and the connection goes to exactly the address that was checked.
 *
 * @throws Refusal, the signal's reason, or the network's error.
 */
export async function fetchPage(address: string, reach: Reach, signal: AbortSignal): Promise<Page> {
  let url = readUrl(address);
  for (let redirects = 0; ; redirects += 1) {
    const response = await sendRequest(url, await resolveAllowed(url, reach, signal), signal);
    const { statusCode: status = 0, headers } = response;
    const isRedirect = [301, 302, 303, 307, 308].includes(status) && headers.location !== undefined;
    if (!isRedirect) {
      const contentType = headers['content-type'] ?? '';
      return { url, status, contentType, body: await readBody(response, signal) };
    }
    response.destroy();
    if (redirects === MAX_REDIRECTS) throw new Refusal(`It redirects more than ${MAX_REDIRECTS} times.`);
    url = readUrl(headers.location ?? '', url);
  }
}

function readUrl(address: string, base?: URL): URL {
  if (!URL.canParse(address, base?.href)) throw new Refusal(`"${address.slice(0, 200)}" is no address.`);
  const url = new URL(address, base?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Refusal(`Only http and https addresses can be fetched, not ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw new Refusal('Addresses with a user name or a password in them are not fetched.');
  return url;
}

/** Resolves the host to its addresses. @throws Refusal when one of them may not be connected to. */
async function resolveAllowed(url: URL, reach: Reach, signal: AbortSignal): Promise<Address[]> {
  const host = url.hostname.replaceAll(/^\[|\]$/g, '');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const family = isIP(host);
  const addresses = family ? [{ address: host, family }] : await untilAborted(reach.resolve(host), signal);
  if (addresses.length === 0) throw new Refusal(`There is no host ${host}.`);
  if (addresses.every(({ address }) => reach.allowAddress(address, port))) return addresses;
  if (port !== 80 && port !== 443) throw new Refusal(`Port ${port} is not fetched from, only 80 and 443.`);
  throw new Refusal(`${host} is not a public address, so it is not fetched.`);
}

function sendRequest(url: URL, addresses: Address[], signal: AbortSignal): Promise<IncomingMessage> {
  const [first] = addresses;
  // Only the checked addresses are connected to, even if the name stands for others by now. It stays in Host and in TLS.
  const lookup: LookupFunction = (_host, options, done) => {
    if (options.all) done(null, addresses);
    else done(null, first?.address ?? '', first?.family);
  };
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, lookup, signal, headers: HEADERS });
    // Errors come after the answer, too; then the body's reader hears of them.
    sent.once('response', resolve).on('error', reject).end();
  });
}

/** Reads the whole body. The limit holds for its unpacked size. */
async function readBody(response: IncomingMessage, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const unpacked = unpack(response);
  try {
    for await (const chunk of unpacked) {
      size += (chunk as Buffer).length;
      if (size > MAX_BODY_BYTES) throw new Refusal(`It is larger than ${MAX_BODY_BYTES / 1_000_000} MB.`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    response.destroy();
    unpacked.destroy();
  }
  return Buffer.concat(chunks);
}

const UNPACKERS = new Map<string, () => Duplex>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

function unpack(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return response;
  const unpacking = UNPACKERS.get(encoding)?.();
  if (!unpacking) {
    response.destroy();
    throw new Refusal(`It is packed in a way that can't be read (${encoding.slice(0, 50)}).`);
  }
  response.once('error', (error) => unpacking.destroy(error));
  return response.pipe(unpacking);
}
