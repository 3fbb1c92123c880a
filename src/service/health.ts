import { createServer, type ServerResponse } from 'node:http';
import type { Role } from '../config/role.js';
import { ConfigError, hideSecrets } from '../platform/errors.js';
import { packageVersion } from '../platform/package-file.js';
import { withTimeout } from '../platform/with-timeout.js';

/** State of a part, as `/readyz` shows it. */
export interface PartState {
  status: 'starting' | 'up' | 'down';
  reason?: string;
}

/** A part that says how it is. `isRequired`: the process is ready only while it is up. */
interface Part {
  isRequired: boolean;
  look(): PartState | Promise<PartState>;
}

export interface Health {
  /** Adds a part, or puts one in another's place. */
  watch(name: string, part: Part): void;
  /** Adds parts that are known only when they are asked. */
  watchAll(name: string, look: () => Record<string, PartState>): void;
  /** Shows whether the process leads. */
  leadsBy(isLeading: () => boolean): void;
  /** Lets the process be ready while its required parts are up. */
  ready(): void;
  /** Makes the process unready for good. Returns true when somebody may see it. */
  stopping(): boolean;
  close(): Promise<void>;
}

/** Longest wait for a part, in milliseconds. A probe of Kubernetes gives up after a second. */
const LOOK_WITHIN_MS = 500;

const STARTING: PartState = { status: 'starting' };

/**
 * Answers the probes on a port: `/livez` while the process lives, and `/readyz` with 503 until it is ready. It listens before the other parts are there.
 * The bodies are JSON. Without a port nothing listens.
 *
 * @param expected Parts that the role will have. The body names them from the beginning.
 * @throws ConfigError when the port is taken.
 */
export async function startHealth(
  port: number | undefined,
  { role, expected }: { role: Role; expected: string[] },
): Promise<Health> {
  const parts = new Map<string, Part>();
  for (const name of expected) parts.set(name, { isRequired: true, look: () => STARTING });
  const groups = new Map<string, () => Record<string, PartState>>();
  let isLeading: (() => boolean) | undefined;
  let phase: 'starting' | 'running' | 'stopping' = 'starting';

  const examine = async () => {
    const looks = [...parts].map(async ([name, { isRequired, look }]) => {
      const state = await withTimeout(
        LOOK_WITHIN_MS,
        async () => look(),
        () => NO_ANSWER,
      ).catch(downBy);
      return { name, isRequired, state };
    });
    const found = await Promise.all(looks);
    const isReady =
      phase === 'running' && found.every(({ isRequired, state }) => !isRequired || state.status === 'up');
    const states = Object.fromEntries(found.map(({ name, state }) => [name, state]));
    for (const [name, look] of groups) Object.assign(states, { [name]: look() });
    const status = isReady ? 'ready' : 'not ready';
    const leads = isLeading && { leads: isLeading() };
    return { isReady, body: { status, phase, ...about, ...leads, parts: states } };
  };
  const about = { role, version: packageVersion() };

  const server = createServer(async ({ method, url = '' }, response) => {
    const path = url.replace(/\?.*/s, '');
    if (method !== 'GET' && method !== 'HEAD') return answer(response, 405, { error: 'Use GET.' });
    if (path === '/livez') return answer(response, 200, { status: 'alive', ...about });
    if (path !== '/readyz') return answer(response, 404, { error: 'There are /livez and /readyz.' });
    const { isReady, body } = await examine();
    answer(response, isReady ? 200 : 503, body);
  });
  if (port !== undefined) await listen(server, port);

  return {
    watch: (name, part) => void parts.set(name, part),
    watchAll: (name, look) => void groups.set(name, look),
    leadsBy(look) {
      isLeading = look;
    },
    ready() {
      if (phase === 'starting') phase = 'running';
    },
    stopping() {
      phase = 'stopping';
      return server.listening;
    },
    async close() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const NO_ANSWER: PartState = { status: 'down', reason: `no answer for ${LOOK_WITHIN_MS} ms` };

function downBy(error: unknown): PartState {
  return { status: 'down', reason: error instanceof Error ? error.message : String(error) };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${hideSecrets(JSON.stringify(body, null, 2))}\n`);
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'is in use' : `can't be used (${cause.message})`;
      const remedy = 'Stop the process that uses it, or set another port.';
      reject(new ConfigError('HEALTH_PORT', `HEALTH_PORT: ${port} ${reason}. ${remedy}`, { cause }));
    });
    server.listen(port, () => resolve());
  });
  server.unref();
}
