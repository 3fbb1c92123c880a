import { createServer } from 'node:net';

/** Number of ports that are tried after the wanted one. */
const TRIES = 50;

/** Finds the wanted port or the next free one, and prints a change. `taken`: ports that other parts will use. */
export async function freePort(
  wanted: number,
  what: string,
  say: (line: string) => void,
  taken: number[] = [],
): Promise<number> {
  for (let port = wanted; port < wanted + TRIES; port += 1) {
    if (taken.includes(port) || !(await isFree(port))) continue;
    if (port !== wanted) say(`Port ${wanted} is in use. ${what} takes ${port} instead.`);
    return port;
  }
  say(`Ports ${wanted} to ${wanted + TRIES - 1} are in use. ${what} uses any free port.`);
  return 0;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
