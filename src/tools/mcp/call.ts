import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { withTimeout } from '../../platform/with-timeout.js';
import { CALL_TIMEOUT_MS } from '../limits.js';
import type { Answer } from '../result.js';
import { classifyFailure, ServerFailure } from './failures.js';
import { runAsCall } from './in-flight.js';

type CallParams = { name: string; arguments: Record<string, unknown> };

/** Any answer that has parts: the parts are read later, so that an unknown one doesn't lose the rest. */
const answerSchema = z.looseObject({
  content: z.array(z.record(z.string(), z.unknown())).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
});

/**
 * Makes one call, once. An error that the server answers is an answer, too.
 * @throws the signal's reason, after the server was told of the cancellation; else `ServerFailure`.
 */
export async function callTool(client: Client, params: CallParams, signal?: AbortSignal): Promise<Answer> {
  signal?.throwIfAborted();
  // The SDK keeps listening to the signal that it is given, so it gets one of this call alone.
  const work = (timeout: AbortSignal) =>
    request(client, params, AbortSignal.any(signal ? [signal, timeout] : [timeout]));
  try {
    return await withTimeout(CALL_TIMEOUT_MS, work, () => {
      throw new ServerFailure(`it did not answer within ${CALL_TIMEOUT_MS / 60_000} minutes.`, {
        sent: true,
      });
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ServerFailure) throw error;
    if (!(error instanceof McpError)) throw classifyFailure(error);
    // Without a connection it is the SDK that speaks, not the server.
    if (!client.transport)
      throw new ServerFailure('it ended before it answered.', { sent: true, cause: error });
    // The SDKs of both sides each put a number before it.
    const text = error.message.replace(/^(MCP error -?\d+: )+/, '');
    return { content: [{ type: 'text', text }], isError: true };
  }
}

function request(client: Client, params: CallParams, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const lose = (why: string) => reject(new ServerFailure(why, { sent: true }));
    const call = { resumable: false, lose };
    const options = {
      signal,
      // Our own time-out comes first.
      timeout: CALL_TIMEOUT_MS * 2,
      // Asked for, so that a proxy in between sees the connection in use.
      onprogress: () => {},
      onresumptiontoken: () => {
        call.resumable = true;
      },
    };
    const send = () => client.request({ method: 'tools/call', params }, answerSchema, options);
    runAsCall(call, send).then(resolve, reject);
  });
}
