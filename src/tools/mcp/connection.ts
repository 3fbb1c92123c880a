import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  type ElicitRequest,
  ElicitRequestSchema,
  ErrorCode,
  McpError,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { untilAborted } from '../../platform/with-timeout.js';
import { warnOf } from '../../telemetry/warnings.js';
import { CONNECT_TIMEOUT_MS } from '../limits.js';
import type { Answer } from '../result.js';
import type { ServerSettings, ToolLog } from '../settings.js';
import { type Caller, callTool } from './call.js';
import { answerForm } from './elicitation.js';
import { classifyFailure, classifyStartFailure, ServerFailure, statusOf } from './failures.js';
import { callsOf, currentCall } from './in-flight.js';
import { listTools, type RemoteTool } from './list-tools.js';
import { createTransport, redact } from './transport/transport.js';

export type Connection = Awaited<ReturnType<typeof connect>>;

/** Time-out of a ping to a server with a pending call, in milliseconds. */
const PING_TIMEOUT_MS = 5_000;

/** MCP requires a name and a version. */
const CLIENT = { name: 'countersign', version: '1' };

/** Answers a server's request for something that is not offered, such as `sampling/createMessage` or `roots/list`. */
async function refuse({ method }: { method: string }): Promise<never> {
  const message = `Countersign doesn't offer ${method}. Go on without it.`;
  throw new McpError(ErrorCode.MethodNotFound, message);
}

interface Options {
  log: ToolLog;
  signal: AbortSignal;
  /** Called when the connection has become unusable. */
  onEnd(failure: ServerFailure): void;
}

/** Starts or reaches a server and lists its tools, until `signal` aborts. A server over HTTP may be of the older kind. @throws ServerFailure */
export async function connect(settings: ServerSettings, options: Options) {
  try {
    return await open(settings, options);
  } catch (error) {
    const status = error instanceof ServerFailure ? statusOf(error.cause) : undefined;
    if (settings.transport !== 'http' || status === undefined || !MAY_BE_OLD.test(String(status)))
      throw error;
    return await open(settings, { ...options, isOld: true }).catch((second: unknown) => {
      // Refused credentials say more than the first answer: the server is of the older kind.
      throw second instanceof ServerFailure && !second.isTransient ? second : error;
    });
  }
}

/** Answers of a server of the older kind to a request of today: a refusal, or something that isn't MCP. */
const MAY_BE_OLD = /^(-1|4(?!0[138]|29)\d\d|501)$/;

async function open(
  settings: ServerSettings,
  { log, signal, onEnd, isOld = false }: Options & { isOld?: boolean },
) {
  const { name: server, timeoutMs } = settings;
  const { transport, lastErrorLine, endSession } = createTransport(settings, { log, isOld });
  const client = new Client(CLIENT, { capabilities: { elicitation: { form: {} } } });
  let isOpen = false;
  /** Reason of the end of a connection that wasn't open yet. */
  let endedBy: string | undefined;
  const end = (reason: string) => {
    if (isOpen) onEnd(new ServerFailure(reason));
    else endedBy ??= reason;
  };
  const withLastLine = (reason: string) =>
    lastErrorLine() === '' ? reason : `${reason} It last said: ${lastErrorLine()}`;
  const checkAlive = async (): Promise<void> => {
    try {
      await client.ping({ timeout: PING_TIMEOUT_MS });
    } catch (error) {
      const failure = classifyFailure(error);
      onEnd(failure.sent ? new ServerFailure('it does not answer any more.') : failure);
    }
  };
  client.onclose = () => {
    if (isOpen) end(withLastLine('it ended.'));
  };
  client.onerror = (error) => {
    const about = { server, reason: redact(error.message, settings) };
    warnOf('mcp-connection', undefined, 'An MCP connection reported an error', about);
    if (error.message.startsWith('ReadBuffer exceeded')) end('it sent more at once than can be read.');
    if (!error.message.startsWith('Maximum reconnection attempts')) return;
    // Either a call's stream can't be resumed, or the server's own stream can't.
    currentCall()?.lose('its stream broke off.');
    void checkAlive();
  };

  let tools: ReadonlyMap<string, RemoteTool> = new Map();
  /** Tools that can't be offered, each with a reason. */
  let leftOut: ReadonlyMap<string, string> = new Map();
  let listing = Promise.resolve();
  /** When the list was asked for, in milliseconds since the epoch; 0 when the server has changed it since. */
  let listedAt = 0;
  let refreshing: Promise<void> | undefined;
  const list = () => {
    // Lists run one after the other, so that an older list can't arrive last.
    listing = listing
      .catch(() => 'its own caller is told')
      .then(async () => {
        listedAt = Date.now();
        const listed = await listTools(client, server, CONNECT_TIMEOUT_MS);
        for (const [tool, why] of listed.leftOut)
          if (!leftOut.has(tool)) log.warn({ server, tool }, `The tool ${tool} can't be offered: ${why}`);
        ({ tools, leftOut } = listed);
      });
    listing.catch(() => {
      listedAt = 0;
    });
    return listing;
  };
  /** Puts a server's question to people, for the call during which it asks. Over stdio that is known only while there is one. */
  const answerQuestion = async ({ params }: ElicitRequest, { signal }: { signal: AbortSignal }) => {
    const [only, ...others] = callsOf(client);
    const ask = (currentCall() ?? (others.length === 0 ? only : undefined))?.ask;
    if (!ask || params.mode === 'url') {
      log.warn(
        { server },
        'An MCP server asked people, but it is not known for which call. It got no answer',
      );
      return { action: 'cancel' } as const;
    }
    return await answerForm(params, (question) => ask(question, signal));
  };
  const start = async () => {
    await client.connect(transport, { timeout: CONNECT_TIMEOUT_MS });
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => list().catch(client.onerror));
    client.fallbackRequestHandler = refuse;
    client.setRequestHandler(ElicitRequestSchema, answerQuestion);
    await list();
    isOpen = true;
  };
  try {
    await untilAborted(start(), signal);
  } catch (error) {
    await client.close();
    const failure = endedBy === undefined ? classifyStartFailure(error) : new ServerFailure(endedBy);
    throw failure.reworded(withLastLine(failure.message));
  }

  return {
    tools: () => tools,
    leftOut: () => leftOut,
    /** Waits for a list that is under way, and lists again when the last one failed or is older than `maxAgeMs`. */
    async refresh(maxAgeMs = Number.POSITIVE_INFINITY): Promise<void> {
      await listing.catch(() => 'it is listed again');
      if (listedAt > 0 && Date.now() - listedAt <= maxAgeMs) return;
      // Calls side by side share one list.
      refreshing ??= list().finally(() => {
        refreshing = undefined;
      });
      await refreshing;
    },
    /** Makes one call, once. @throws ServerFailure, or the signal's reason. */
    async call(tool: RemoteTool, input: Record<string, unknown>, how: Caller): Promise<Answer> {
      try {
        return await callTool(client, { name: tool.name, arguments: input }, { ...how, timeoutMs });
      } catch (error) {
        if (error instanceof ServerFailure && client.transport) {
          const checked = checkAlive();
          // An unsent call is repeated at once, so a dead connection must be detected first.
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
