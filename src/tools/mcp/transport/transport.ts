import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { cut } from '../../../platform/cut.js';
import { proxyPasswords, proxyVariables } from '../../../platform/proxy.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import type { ServerSettings, ToolLog } from '../../settings.js';
import { watchingFetch } from '../in-flight.js';
import { loggedIn } from '../oauth/with-login.js';
import { tellingLine } from './error-lines.js';
import { ExactReadBuffer } from './exact-answers.js';
import { createSseTransport } from './sse-transport.js';

interface ServerTransport {
  transport: Transport;
  /** Line of the server's standard error that best says why it ended; may be empty. */
  lastErrorLine(): string;
  /** Ends the session of a server that keeps sessions. */
  endSession(): Promise<void>;
}

/** Limit for a line of a server's standard error, in characters. */
const MAX_LINE = 300;
/** Limit for the lines that are kept of a server's standard error. */
const MAX_LINES = 50;
/** Longest wait for the end of a session, in milliseconds. */
const END_SESSION_MS = 1_000;

/**
 * Creates a transport. `isOld`: over HTTP, as MCP was before its version 2025-03-26. A child process gets the SDK's minimal environment (HOME, PATH,
 * …), the proxy's variables and the server's `env`, nothing else.
 */
export function createTransport(
  settings: ServerSettings,
  { log, isOld }: { log: ToolLog; isOld: boolean },
): ServerTransport {
  if (settings.transport === 'http') {
    const { url, headers } = settings;
    const options = { requestInit: { headers }, fetch: loggedIn(settings, watchingFetch) };
    if (isOld) {
      const transport = createSseTransport(new URL(url), options);
      return { transport, lastErrorLine: () => '', endSession: async () => {} };
    }
    const transport = new StreamableHTTPClientTransport(new URL(url), options);
    const end = () => transport.terminateSession().catch(() => {});
    const endSession = () => withTimeout(END_SESSION_MS, end, () => {});
    return { transport: transport as Transport, lastErrorLine: () => '', endSession };
  }
  if (settings.transport === 'none') throw new Error(settings.problem);
  const { name: server, command, args, env, cwd } = settings;
  const ownEnv = { ...proxyVariables(process.env), ...env };
  const options = { command, args, env: ownEnv, ...(cwd !== undefined && { cwd }) };
  const transport = new StdioClientTransport({ ...options, stderr: 'pipe' });
  const buffer = new ExactReadBuffer();
  Reflect.set(transport, '_readBuffer', buffer);
  const send = transport.send.bind(transport);
  transport.send = (message) => {
    buffer.noteSent(message);
    return send(message);
  };
  const lines: string[] = [];
  const { stderr } = transport;
  if (stderr) {
    createInterface({ input: stderr as Readable }).on('line', (line) => {
      if (line.trim() !== '') lines.push(cut(redact(line.trim(), settings), MAX_LINE));
      if (lines.length > MAX_LINES) lines.shift();
      log.debug({ server }, cut(redact(line, settings), MAX_LINE));
    });
  }
  return { transport, lastErrorLine: () => tellingLine(lines), endSession: async () => {} };
}

/** Hides a server's secrets, and the passwords of the proxy that it is told of. The longest go first: one may be a part of another. */
export function redact(text: string, { secrets = [] }: Pick<ServerSettings, 'secrets'>): string {
  return [...secrets, ...proxyPasswords(process.env)]
    .toSorted((one, other) => other.length - one.length)
    .reduce((hidden, secret) => hidden.replaceAll(secret, '[redacted]'), text);
}
