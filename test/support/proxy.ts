import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy on this machine that speaks CONNECT and nothing else. `credentials`: `user:password` that it asks for. */
export async function startProxy(credentials?: string) {
  const targets: string[] = [];
  const refused: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, socket: Socket, head) => {
    const target = request.url ?? '';
    socket.on('error', () => socket.destroy());
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    if (wanted && request.headers['proxy-authorization'] !== wanted) {
      refused.push(target);
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    targets.push(target);
    const [, host = '', port] = /^(.+):(\d+)$/.exec(target) ?? [];
    // Names are this proxy's own business: nobody else can resolve them.
    const upstream = connect(Number(port), host.endsWith('.test') ? '127.0.0.1' : host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    open.add(socket);
    for (const each of [socket, upstream]) {
      each.on('error', () => each.destroy());
      each.on('close', () => {
        open.delete(socket);
        socket.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${credentials ? `${credentials}@` : ''}127.0.0.1:${port}`,
    /** Targets that were connected to, in order, such as `slack.test:443`. */
    targets,
    /** Targets that somebody without credentials asked for. */
    refused,
    /** Number of tunnels that are open. */
    countOpen: () => open.size,
    async stop(): Promise<void> {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
