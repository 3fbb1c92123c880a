import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { withTimeout } from '../../platform/with-timeout.js';
import { CALL_TIMEOUT_MS } from '../limits.js';
import type { Answer } from '../result.js';
import { classifyFailure, ServerFailure } from './failures.js';
import { runAsCall } from './in-flight.js';

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
  {
    signal,
    timeoutMs = CALL_TIMEOUT_MS,
  }: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined },
): Promise<Answer> {
  signal?.throwIfAborted();
  // The SDK never removes its listener from a signal, so each call gets its own signal.
  const work = (timeout: AbortSignal) =>
    request(client, params, AbortSignal.any(signal ? [signal, timeout] : [timeout]));
  try {
    return await withTimeout(timeoutMs, work, () => {
      throw new ServerFailure(`it did not answer within ${timeoutMs / 1_000} seconds.`, { sent: true });
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ServerFailure) throw error;
    if (!(error instanceof McpError)) throw classifyFailure(error);
    // Without a connection the SDK made this error, not the server.
    if (!client.transport)
      throw new ServerFailure('it ended before it answered.', { sent: true, cause: error });
    // The SDKs of both sides each prefix a number.
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
      // The call's own time-out comes first.
      timeout: CALL_TIMEOUT_MS * 2,
      // Progress is requested so that a proxy sees traffic on the connection.
      onprogress: () => {},
      onresumptiontoken: () => {
        call.resumable = true;
      },
    };
    const send = () => client.request({ method: 'tools/call', params }, answerSchema, options);
    runAsCall(call, send).then(resolve, reject);
  });
}
