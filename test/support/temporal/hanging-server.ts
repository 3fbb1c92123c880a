import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';

/**
 * Stands before a Temporal server and passes calls on, but leaves some unanswered. A server whose database is away hangs in this way, with its
 * connections open.
 *
 * @param hangs Says by a method's name, and how often it was called before, whether a call hangs.
 */
export async function startHangingServer(
  address: string,
  hangs: (method: string, before: number) => boolean,
): Promise<{ address: string; close(): void }> {
  const target = connect(`http://${address}`);
  target.on('error', () => 'its calls end');
  const calls = new Map<string, number>();
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => 'the client went away');
  });
  server.on('stream', (incoming, headers) => {
    incoming.on('error', () => 'the client went away');
    const method = String(headers[':path']).split('/').at(-1) ?? '';
    const before = calls.get(method) ?? 0;
    calls.set(method, before + 1);
    if (hangs(method, before)) return;
    const { ':method': verb, ':path': path, ':scheme': scheme, ':authority': authority, ...rest } = headers;
    const outgoing = target.request({
      ...{ ':method': verb, ':path': path, ':scheme': scheme, ':authority': authority },
      ...rest,
    });
    outgoing.on('error', () => incoming.close());
    incoming.pipe(outgoing);
    let trailers: NodeJS.Dict<string | string[]> = {};
    outgoing.on('trailers', (last) => {
      trailers = last;
    });
    outgoing.on('response', ({ ':status': status, ...more }, flags) => {
      if (incoming.destroyed) return;
      const isOver = (flags & 1) === 1;
      incoming.respond({ ':status': status, ...more }, { waitForTrailers: !isOver, endStream: isOver });
      if (isOver) return;
      incoming.on('wantTrailers', () => incoming.destroyed || incoming.sendTrailers(trailers));
      outgoing.pipe(incoming);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    close() {
      for (const session of sessions) session.destroy();
      target.destroy();
      server.close();
    },
  };
}
