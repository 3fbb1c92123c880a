import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { CONNECT_TIMEOUT_MS } from '../limits.js';
import type { Answer } from '../result.js';
import type { ServerSettings, ToolLog } from '../settings.js';
import { callTool, NoAnswer } from './call.js';
import { type Problem, whatIsLost, whyNotStarted } from './failures.js';
import { callAt } from './in-flight.js';
import { listTools, type RemoteTool } from './list-tools.js';
import { hide, wayTo } from './transport.js';

/** A server that runs. */
export interface Connection {
  /** What it offers now, by the names that the model is offered. */
  tools(): ReadonlyMap<string, RemoteTool>;
  /** One call, made once. Rejects with `NoAnswer`, or with the signal's reason. */
  call(tool: RemoteTool, input: Record<string, unknown>, signal?: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/** A server could not be started. */
export class NotStarted extends Error {
  constructor(
    readonly problem: Problem,
    options?: { cause?: unknown },
  ) {
    super(problem.reason, options);
  }
}

/** A server that owes an answer is asked whether it lives at all, and has this long to say so, in milliseconds. */
const PING_TIMEOUT_MS = 5_000;

/** Who we are; MCP wants a version, and servers do nothing with it. */
const CLIENT = { name: 'countersign', version: '1' };

/**
 * Starts a server, or connects to it, and lists its tools. `onEnd` hears when the connection can't be used any more. Rejects with
 * `NotStarted`; the signal ends the attempt.
 */
export async function connect(
  settings: ServerSettings,
  { log, signal, onEnd }: { log: ToolLog; signal: AbortSignal; onEnd(problem: Problem): void },
): Promise<Connection> {
  const { name: server } = settings;
  const { transport, lastWords, leave } = wayTo(settings, log);
  const client = new Client(CLIENT);
  const said = () => (lastWords() === '' ? '' : ` It last said: ${lastWords()}`);
  /** Whether it answers at all; if not, the connection ends, for that reason. */
  const lives = async (): Promise<boolean> => {
    try {
      await client.ping({ timeout: PING_TIMEOUT_MS });
      return true;
    } catch (error) {
      const lost = whatIsLost(error);
      onEnd(lost.sent ? { reason: 'it does not answer any more.', passes: true } : lost.problem);
      return false;
    }
  };
  client.onclose = () => onEnd({ reason: `it ended.${said()}`, passes: true });
  client.onerror = (error) => {
    log.debug({ server, reason: hide(error.message, settings) }, 'An MCP connection has a difficulty');
    if (error.message.startsWith('ReadBuffer exceeded')) {
      onEnd({ reason: 'it sent more at once than can be read.', passes: true });
    }
    if (!error.message.startsWith('Maximum reconnection attempts')) return;
    // The stream of a call can't be taken up again; or the one on which the server speaks unasked.
    const call = callAt();
    if (call) call.lose('its stream broke off.');
    void lives();
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
      .catch(() => 'told to who asked for it')
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
    const { reason, passes } = whyNotStarted(error);
    throw new NotStarted({ reason: reason + said(), passes }, { cause: error });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }

  return {
    tools: () => tools,
    async call(tool, input, signal) {
      try {
        return await callTool(client, { name: tool.name, arguments: input }, signal);
      } catch (error) {
        if (error instanceof NoAnswer && client.transport) {
          // Whoever calls again at once must not meet the same dead end.
          if (error.lost.sent) void lives();
          else await lives();
        }
        throw error;
      }
    },
    async close() {
      await leave();
      await client.close();
    },
  };
}
