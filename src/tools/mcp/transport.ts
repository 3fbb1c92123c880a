import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { ServerSettings, ToolLog } from '../settings.js';
import { watchingFetch } from './in-flight.js';

/** A way to a server. */
export interface Way {
  transport: Transport;
  /** The last line on the server's standard error; empty when there is none. */
  lastWords(): string;
  /** Tells a server that keeps sessions that this one is over. */
  leave(): Promise<void>;
}

/** A line of a server's standard error is kept up to this many characters. */
const MAX_LINE = 300;
/** A server has this long to end a session, in milliseconds. */
const LEAVE_WITHIN_MS = 1_000;

/**
 * The way to a server, not yet gone. A child process gets the SDK's minimal environment (HOME, PATH, …) and what its settings
 * name; nothing else of ours.
 */
export function wayTo(settings: ServerSettings, log: ToolLog): Way {
  if (settings.transport === 'http') {
    const { url, headers } = settings;
    const transport = new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers },
      fetch: watchingFetch,
    });
    const leave = async () => {
      const late = new Promise((resolve) => setTimeout(resolve, LEAVE_WITHIN_MS).unref());
      await Promise.race([transport.terminateSession().catch(() => 'it is gone already'), late]);
    };
    return { transport: transport as Transport, lastWords: () => '', leave };
  }
  if (settings.transport === 'none') throw new Error(settings.problem);
  const { name: server, command, args, env, cwd } = settings;
  const transport = new StdioClientTransport({
    command,
    args,
    env,
    stderr: 'pipe',
    ...(cwd !== undefined && { cwd }),
  });
  let words = '';
  const { stderr } = transport;
  if (stderr) {
    createInterface({ input: stderr as Readable }).on('line', (line) => {
      if (line.trim() !== '') words = hide(line.trim(), settings).slice(0, MAX_LINE);
      log.debug({ server }, hide(line, settings).slice(0, MAX_LINE));
    });
  }
  return { transport, lastWords: () => words, leave: async () => {} };
}

/** A text without what is secret about a server. */
export function hide(text: string, { secrets = [] }: Pick<ServerSettings, 'secrets'>): string {
  return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '[redacted]'), text);
}
