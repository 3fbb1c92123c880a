import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css' };
/** Files whose name changes with their content. */
const HASHED = /^part-/;

/** Serves the page: its document at `/` and at messages' addresses, and the files that its build made. */
export function servePage(
  request: IncomingMessage,
  response: ServerResponse,
  { pathname, pageToken, pageDir }: { pathname: string; pageToken: string; pageDir: string | undefined },
): void {
  const name = pathname.split('/').at(-1) ?? '';
  const type = TYPES[extname(name)];
  if (pageDir && type && readdirSync(pageDir).includes(name)) {
    const content = readFileSync(join(pageDir, name));
    const isZipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    response.writeHead(200, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': HASHED.test(name) ? 'max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      ...(isZipped && { 'content-encoding': 'gzip' }),
    });
    response.end(isZipped ? gzipSync(content, { level: 9 }) : content);
  } else if (pageDir && (pathname === '/' || pathname.startsWith('/archives/'))) {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'self'; img-src 'self' data: https:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    });
    response.end(readFileSync(join(pageDir, 'index.html'), 'utf8').replace('__PAGE_TOKEN__', pageToken));
  } else {
    response.writeHead(404).end('not found');
  }
}
