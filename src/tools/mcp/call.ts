import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { untilAborted } from '../../platform/with-timeout.js';
import { ASK_WITHIN_MS } from '../../run/execution/tool-question.js';
import { CALL_TIMEOUT_MS } from '../limits.js';
import type { Answer } from '../result.js';
import { classifyFailure, ServerFailure } from './failures.js';
import { type AskPeople, callsOf, type InFlight, runAsCall } from './in-flight.js';
import { Patience } from './patience.js';

/** Caller of a tool: its cancellation, its time-out in milliseconds, and its way to ask people. */
export interface Caller {
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  ask?: AskPeople | undefined;
}

/**
 * Time in which a server may still be at work on a call that was given up, in milliseconds. Its question must not be taken for that of another call,
 * which may be one of other people.
 */
const STILL_ASKS_MS = 2 * CALL_TIMEOUT_MS;

type CallParams = { name: string; arguments: Record<string, unknown> };

/** An answer with unchecked parts. Each part is read later, so that an unknown part doesn't invalidate the others. */
const answerSchema = z.looseObject({
  content: z.unknown().optional().transform(toBlocks),
  structuredContent: z.unknown().optional(),
  isError: z
    .unknown()
    .optional()
    .transform((given) => given === true || given === 'true'),
});

/** Reads content of any shape as a list of parts. The server has done its work, so an odd shape must not count as a lost answer. */
function toBlocks(content: unknown): Answer['content'] {
  if (content === undefined) return [];
  return [content].flat().map((block: unknown) => {
    if (typeof block === 'object' && block !== null && 'type' in block) return { ...block };
    return { type: 'text', text: typeof block === 'string' ? block : JSON.stringify(block) };
  });
}

/**
 * Makes one call, once. An error from the server is an answer.
 *
 * @throws ServerFailure; or, after an abort, the signal's reason, once the server knows of the cancellation.
 */
export async function callTool(
  client: Client,
  params: CallParams,
  { signal, ask, timeoutMs = CALL_TIMEOUT_MS }: Caller = {},
): Promise<Answer> {
  signal?.throwIfAborted();
  const patience = new Patience(timeoutMs);
  // The SDK never removes its listener from a signal, so each call gets its own signal.
  const own = AbortSignal.any(signal ? [signal, patience.signal] : [patience.signal]);
  const askInTime = ask && patience.pausedBy(ask);
  try {
    return await untilAborted(request(client, params, { signal: own, ask: askInTime }), patience.signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (patience.signal.aborted)
      throw new ServerFailure(`it did not answer within ${timeoutMs / 1_000} seconds.`, { sent: true });
    if (error instanceof ServerFailure) throw error;
    if (!(error instanceof McpError)) throw classifyFailure(error);
    // Without a connection the SDK made this error, not the server.
    if (!client.transport)
      throw new ServerFailure('it ended before it answered.', { sent: true, cause: error });
    // The SDKs of both sides each prefix a number.
    const text = error.message.replace(/^(MCP error -?\d+: )+/, '');
    return { content: [{ type: 'text', text }], isError: true };
  } finally {
    patience.end();
  }
}

function request(client: Client, params: CallParams, { signal, ask }: Caller): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const lose = (why: string) => reject(new ServerFailure(why, { sent: true }));
    const call: InFlight = { resumable: false, lose, ask };
    const open = callsOf(client);
    const options = {
      ...(signal && { signal }),
      // The call's own time-out comes first.
      timeout: CALL_TIMEOUT_MS * 2 + ASK_WITHIN_MS,
      // Progress is requested so that a proxy sees traffic on the connection.
      onprogress: () => {},
      onresumptiontoken: () => {
        call.resumable = true;
      },
    };
    const send = () => client.request({ method: 'tools/call', params }, answerSchema, options);
    open.add(call);
    const close = () => void open.delete(call);
    runAsCall(call, send)
      .finally(() => {
        if (signal?.aborted) setTimeout(close, STILL_ASKS_MS).unref();
        else close();
      })
      .then(resolve, reject);
  });
}
