import type { Logger } from '../platform/log.js';

/** Shortest time between two requests, in milliseconds. npm passes on a Ctrl-C that the terminal has sent to the service already. */
const NEXT_REQUEST_MS = 1_000;

/** Signals and events that ask for a stop. A service that another process started must end with that process. */
const REQUESTS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'];

/** Resolves with the first signal that asks for a stop. A second SIGTERM or SIGINT ends the process at once, with 1. */
export function stopRequested(log: Pick<Logger, 'warn'>): Promise<string> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    const ask = (event: string) => {
      resolve(event);
      askedAt ??= Date.now();
      if (event !== 'SIGTERM' && event !== 'SIGINT') return;
      if (Date.now() - askedAt < NEXT_REQUEST_MS) return;
      log.warn('Stopped at once by a second signal: Temporal gives calls in flight to the next worker');
      process.exit(1);
    };
    for (const event of REQUESTS) process.on(event, () => ask(event));
  });
}
