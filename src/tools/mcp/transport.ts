import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { withTimeout } from '../../platform/with-timeout.js';
import type { ServerSettings, ToolLog } from '../settings.js';
import { ExactReadBuffer } from './exact-answers.js';
import { watchingFetch } from './in-flight.js';
import { loggedIn } from './oauth/with-login.js';

interface ServerTransport {
  transport: Transport;
  /** Last line on the server's standard error; may be empty. */
  lastErrorLine(): string;
  /** Ends the session of a server that keeps sessions. */
  endSession(): Promise<void>;
}

/** Limit for a line of a server's standard error, in characters. */
const MAX_LINE = 300;
/** Longest wait for the end of a session, in milliseconds. */
const END_SESSION_MS = 1_000;

/** Creates a transport. A child process gets the SDK's minimal environment (HOME, PATH, …) and the server's `env`, nothing else. */
export function createTransport(settings: ServerSettings, log: ToolLog): ServerTransport {
  if (settings.transport === 'http') {
    const { url, headers } = settings;
    const options = { requestInit: { headers }, fetch: loggedIn(settings, watchingFetch) };
    const transport = new StreamableHTTPClientTransport(new URL(url), options);
    const end = () => transport.terminateSession().catch(() => {});
    const endSession = () => withTimeout(END_SESSION_MS, end, () => {});
    return { transport: transport as Transport, lastErrorLine: () => '', endSession };
  }
  if (settings.transport === 'none') throw new Error(settings.problem);
  const { name: server, command, args, env, cwd } = settings;
  const options = { command, args, env, ...(cwd !== undefined && { cwd }) };
  const transport = new StdioClientTransport({ ...options, stderr: 'pipe' });
  Reflect.set(transport, '_readBuffer', new ExactReadBuffer());
  let lastLine = '';
  const { stderr } = transport;
  if (stderr) {
    createInterface({ input: stderr as Readable }).on('line', (line) => {
      if (line.trim() !== '') lastLine = redact(line.trim(), settings).slice(0, MAX_LINE);
      log.debug({ server }, redact(line, settings).slice(0, MAX_LINE));
    });
  }
  return { transport, lastErrorLine: () => lastLine, endSession: async () => {} };
}

export function redact(text: string, { secrets = [] }: Pick<ServerSettings, 'secrets'>): string {
  return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '[redacted]'), text);
}
