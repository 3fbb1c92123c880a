import { once } from 'node:events';
import { connect, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** Refuses a call as a gRPC server does that has nothing else to say. */
function refuse(incoming: ServerHttp2Stream, status: number): void {
  const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) };
  incoming.respond({ ...headers, 'grpc-message': 'Request unauthorized.' }, { endStream: true });
}

/**
 * Stands before a Temporal server and passes calls on, but leaves some unanswered. A server whose database is away hangs like that: it keeps its
 * connections open.
 *
 * @param hangs Says by a method's name, and how often it was called before, whether a call hangs.
 * @param refuses Says by a call's path and headers with which gRPC status it is refused.
 */
export async function startHangingServer(
  address: string,
  hangs: (method: string, before: number) => boolean,
  {
    refuses = () => undefined,
  }: { refuses?: (path: string, headers: IncomingHttpHeaders) => number | undefined } = {},
): Promise<{ address: string; release(): void; close(): void }> {
  const target = connect(`http://${address}`);
  target.on('error', () => 'its calls end');
  const calls = new Map<string, number>();
  const server = createServer();
  let waiting: (() => void)[] = [];
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => 'the client went away');
  });
  server.on('stream', (incoming, headers) => {
    incoming.on('error', () => 'the client went away');
    const path = String(headers[':path']);
    const status = refuses(path, headers);
    if (status !== undefined) return refuse(incoming, status);
    const method = path.split('/').at(-1) ?? '';
    const before = calls.get(method) ?? 0;
    calls.set(method, before + 1);
    const pass = () => passOn(incoming, headers);
    if (hangs(method, before)) waiting.push(pass);
    else pass();
  });
  const passOn = (incoming: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const outgoing = target.request({ ...headers });
    outgoing.on('error', () => incoming.close());
    incoming.pipe(outgoing);
    let trailers: NodeJS.Dict<string | string[]> = {};
    outgoing.on('trailers', (last) => {
      trailers = last;
    });
    outgoing.on('response', (answer, flags) => {
      if (incoming.destroyed) return;
      const isOver = (flags & 1) === 1;
      incoming.respond({ ...answer }, { waitForTrailers: !isOver, endStream: isOver });
      if (isOver) return;
      incoming.on('wantTrailers', () => incoming.destroyed || incoming.sendTrailers(trailers));
      outgoing.pipe(incoming);
    });
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    /** Answers the calls that hang so far. */
    release() {
      for (const pass of waiting) pass();
      waiting = [];
    },
    close() {
      for (const session of sessions) session.destroy();
      target.destroy();
      server.close();
    },
  };
}
