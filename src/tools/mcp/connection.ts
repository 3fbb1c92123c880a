import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { CONNECT_TIMEOUT_MS } from '../limits.js';
import type { Answer } from '../result.js';
import type { ServerSettings, ToolLog } from '../settings.js';
import { callTool } from './call.js';
import { classifyFailure, classifyStartFailure, ServerFailure } from './failures.js';
import { currentCall } from './in-flight.js';
import { listTools, type RemoteTool } from './list-tools.js';
import { createTransport, redact } from './transport.js';

/** A connection to a server that runs. */
export type Connection = Awaited<ReturnType<typeof connect>>;

/** Time-out of a ping to a server that owes an answer, in milliseconds. */
const PING_TIMEOUT_MS = 5_000;

/** Our name and version; MCP wants them, and servers do nothing with them. */
const CLIENT = { name: 'countersign', version: '1' };

/**
 * Starts a server, or connects to it, and lists its tools. `onEnd` is called when the connection can't be used any more. The signal ends
 * the attempt.
 *
 * @throws ServerFailure
 */
export async function connect(
  settings: ServerSettings,
  { log, signal, onEnd }: { log: ToolLog; signal: AbortSignal; onEnd(failure: ServerFailure): void },
) {
  const { name: server } = settings;
  const { transport, lastErrorLine, endSession } = createTransport(settings, log);
  const client = new Client(CLIENT);
  const end = (reason: string) => onEnd(new ServerFailure(reason));
  const withLastLine = (reason: string) =>
    lastErrorLine() === '' ? reason : `${reason} It last said: ${lastErrorLine()}`;
  /** Pings the server, and ends the connection when there is no answer. */
  const checkAlive = async (): Promise<void> => {
    try {
      await client.ping({ timeout: PING_TIMEOUT_MS });
    } catch (error) {
      const failure = classifyFailure(error);
      onEnd(failure.sent ? new ServerFailure('it does not answer any more.') : failure);
    }
  };
  client.onclose = () => end(withLastLine('it ended.'));
  client.onerror = (error) => {
    log.debug({ server, reason: redact(error.message, settings) }, 'An MCP connection has a difficulty');
    if (error.message.startsWith('ReadBuffer exceeded')) end('it sent more at once than can be read.');
    if (!error.message.startsWith('Maximum reconnection attempts')) return;
    // The stream of a call can't be taken up again; or the one on which the server speaks unasked.
    currentCall()?.lose('its stream broke off.');
    void checkAlive();
  };

  let tools: ReadonlyMap<string, RemoteTool> = new Map();
  const leftOut = new Set<string>();
  const leaveOut = (tool: string, why: string) => {
    if (!leftOut.has(tool)) log.warn({ server, tool }, `A tool can't be offered: ${why}`);
    leftOut.add(tool);
  };
  let listing = Promise.resolve();
  const list = () => {
    // One after the other: an older list must not come last.
    listing = listing
      .catch(() => 'its own caller is told')
      .then(async () => {
        tools = await listTools(client, server, { leaveOut, timeout: CONNECT_TIMEOUT_MS });
      });
    return listing;
  };
  let closing: Promise<void> | undefined;
  const onAbort = () => {
    closing = client.close();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await client.connect(transport, { timeout: CONNECT_TIMEOUT_MS });
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => list().catch(client.onerror));
    await list();
  } catch (error) {
    // A second close would not wait for the child's end.
    await (closing ?? client.close());
    const failure = classifyStartFailure(error);
    throw failure.reworded(withLastLine(failure.message));
  } finally {
    signal.removeEventListener('abort', onAbort);
  }

  return {
    /** Returns the tools on offer now, by the names that the model knows. */
    tools: () => tools,
    /** Makes one call, once. @throws ServerFailure, or the signal's reason. */
    async call(tool: RemoteTool, input: Record<string, unknown>, signal?: AbortSignal): Promise<Answer> {
      try {
        return await callTool(client, { name: tool.name, arguments: input }, signal);
      } catch (error) {
        if (error instanceof ServerFailure && client.transport) {
          const checked = checkAlive();
          // A call that was not sent is made again at once, and must not meet the same dead end.
          if (!error.sent) await checked;
        }
        throw error;
      }
    },
    async close(): Promise<void> {
      await endSession();
      await client.close();
    },
  };
}
