import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ResponseUrls } from './delivery/response-urls.js';
import type { SocketMode } from './delivery/socket-mode.js';
import { RESPONSE_URL } from './faults.js';
import { FILE_MAX_BYTES } from './files/files.js';
import { receiveUpload, sendFile } from './files/serve-files.js';
import type { PageSocket } from './page-socket.js';
import type { Credentials } from './seed.js';
import { servePage } from './serve-page.js';
import type { Fields } from './validation/problems.js';
import { answerApi, strikes, type WebApi } from './web-api/index.js';

const MAX_BODY_BYTES = 5_000_000;
/** Limit for an upload, in bytes. A multipart form adds some bytes to the file. */
const MAX_UPLOAD_BYTES = FILE_MAX_BYTES + 10_000;
/**
 * Page in which people sign in. Slack redirects a request for a file to it, and answers 200, where the token lacks `files:read`. In an
 * organization a file's address leads to a second host, which needs the token, too. Source: vercel/eve#1531, hermes-agent#114483.
 */
const SIGN_IN = '<!DOCTYPE html><html lang="en-US"><head><title>Sign in</title></head><body></body></html>';

export interface Parts {
  webApi(): WebApi;
  responseUrls: ResponseUrls;
  socketMode: SocketMode;
  page(): PageSocket;
  /** Keeps a file that a person attaches on the page; returns its id. */
  addFile(file: { name: string; content: Buffer; user: string }): string;
  pageDir?: string;
}

/**
 * Serves the workspace on one port of 127.0.0.1. Requests must name that host and must not come from another site's page. The page's
 * socket also needs the token of this start.
 */
export async function serve(
  port: number,
  parts: Parts,
): Promise<{ server: Server; port: number; pageToken: string }> {
  const pageToken = randomBytes(24).toString('hex');
  const server = createServer((request, response) => {
    answer(request, response, parts, pageToken).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Node no longer watches this socket, and an error that nobody hears ends the process.
    stream.on('error', () => stream.destroy());
    const { pathname, searchParams } = urlOf(request);
    const ticket = /^\/socket\/([\w-]+)$/.exec(pathname)?.[1];
    if (isOurs(request) && ticket && parts.socketMode.upgrade(request, stream, head, ticket)) return;
    const mayDrive =
      isOurs(request) && request.headers.origin && same(searchParams.get('token') ?? '', pageToken);
    if (pathname === '/page/socket' && mayDrive) parts.page().upgrade(request, stream, head);
    else stream.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, port: (server.address() as AddressInfo).port, pageToken };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
  pageToken: string,
): Promise<void> {
  if (!isOurs(request)) {
    response.writeHead(403).end('This workspace answers its own page and the app on this machine alone.');
    return;
  }
  const { pathname, searchParams } = urlOf(request);
  const method = /^\/api\/([\w.]+)$/.exec(pathname)?.[1];
  if (method) {
    await answerApi(parts.webApi(), method, request, await textOf(request), response);
    return;
  }
  const ticket = /^\/upload\/v1\/([\w-]+)$/.exec(pathname)?.[1];
  if (ticket && request.method === 'POST') {
    const { api, faults } = parts.webApi();
    const body = await bodyOf(request, MAX_UPLOAD_BYTES);
    await receiveUpload({ files: api.files, faults }, ticket, request, body, response);
    return;
  }
  const isOfPage = same(searchParams.get('token') ?? '', pageToken);
  if (pathname === '/page/files' && request.method === 'POST') {
    const [name, user] = [searchParams.get('name') ?? '', searchParams.get('as') ?? ''];
    if (!isOfPage || name === '') response.writeHead(403).end();
    else response.end(parts.addFile({ name, user, content: await bodyOf(request, MAX_UPLOAD_BYTES) }));
    return;
  }
  const [, origin, file] = /^\/files(-origin)?\/(\w+)\/[^/]+$/.exec(pathname) ?? [];
  if (file) {
    const { api } = parts.webApi();
    const { credentials, grid } = api.state.data;
    if (!isOfPage && searchParams.has('token'))
      response.writeHead(403).end('This address needs the token of the page.');
    else if (!isOfPage && !isApp(request, api.scopes, credentials))
      response.writeHead(302, { location: `/?redir=${encodeURIComponent(pathname)}` }).end();
    else if (!isOfPage && grid && !origin)
      response.writeHead(302, { location: `/files-origin/${pathname.slice('/files/'.length)}` }).end();
    else sendFile(api, file, searchParams.has('download'), response);
    return;
  }
  if (pathname === '/' && searchParams.has('redir')) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(SIGN_IN);
    return;
  }
  const responseId = /^\/response\/([\w-]+)$/.exec(pathname)?.[1];
  if (responseId && request.method === 'POST') {
    const fields = jsonOf(await textOf(request));
    const fault = parts.webApi().faults.take(RESPONSE_URL);
    if (fault && (await strikes(fault, request, response))) return;
    const { status, body } = parts.responseUrls.answer(responseId, fields);
    if (fault?.kind === 'lose-answer') request.socket.destroy();
    else response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
    return;
  }
  servePage(request, response, { pathname, pageToken, pageDir: parts.pageDir });
}

/** Reads a request's path and query. A path that is no address, such as `//`, gives the path `/`. */
export function urlOf({ url = '/' }: IncomingMessage): URL {
  const base = 'http://local';
  return new URL(URL.canParse(url, base) ? url : '/', base);
}

/** True for a request that names this host, and doesn't come from another site's page. A person's browser may have any page open. */
function isOurs({ headers, socket }: IncomingMessage): boolean {
  const hosts = [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`];
  if (!hosts.includes(headers.host ?? '')) return false;
  return headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`);
}

/** True for the app, which reads files with its bot token. */
function isApp({ headers }: IncomingMessage, scopes: string[], { botToken }: Credentials): boolean {
  return scopes.includes('files:read') && same(headers.authorization ?? '', `Bearer ${botToken}`);
}

function same(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

async function textOf(request: IncomingMessage): Promise<string> {
  return (await bodyOf(request, MAX_BODY_BYTES)).toString('utf8');
}

async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new Error('The request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function jsonOf(body: string): Fields {
  try {
    return (JSON.parse(body) as Fields | null) ?? {};
  } catch {
    return {};
  }
}
