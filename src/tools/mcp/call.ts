import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { CALL_TIMEOUT_MS } from '../limits.js';
import type { Answer } from '../result.js';
import { type Lost, whatIsLost } from './failures.js';
import { asCall } from './in-flight.js';

/** A call brought no answer. */
export class NoAnswer extends Error {
  constructor(
    readonly lost: Lost,
    options?: { cause?: unknown },
  ) {
    super(lost.sent ? lost.why : lost.problem.reason, options);
  }
}

/** Any answer that has parts: what is in them is looked at later, so that an unknown one doesn't lose the rest. */
const answered = z.looseObject({
  content: z.array(z.record(z.string(), z.unknown())).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
});

/**
 * Makes one call, once. An error that the server answers is an answer, too. Rejects with the signal's reason, after the server was
 * told of the cancellation, or with `NoAnswer`.
 */
export async function callTool(
  client: Client,
  params: { name: string; arguments: Record<string, unknown> },
  signal?: AbortSignal,
): Promise<Answer> {
  signal?.throwIfAborted();
  // The SDK keeps listening to the signal that it is given, so it gets one of this call alone.
  const own = new AbortController();
  const onAbort = () => own.abort('cancelled');
  signal?.addEventListener('abort', onAbort, { once: true });
  let lose: (why: string) => void = () => {};
  const lost = new Promise<never>((_, reject) => {
    lose = (why) => reject(new NoAnswer({ sent: true, why }));
  });
  const timer = setTimeout(() => {
    lose(`it did not answer within ${CALL_TIMEOUT_MS / 60_000} minutes.`);
    own.abort('timed out');
  }, CALL_TIMEOUT_MS);
  const call = { resumable: false, lose };
  const options = {
    signal: own.signal,
    // Ours comes first.
    timeout: CALL_TIMEOUT_MS * 2,
    // Asked for, so that a proxy in between sees the connection in use.
    onprogress: () => {},
    onresumptiontoken: () => {
      call.resumable = true;
    },
  };
  try {
    const request = { method: 'tools/call' as const, params };
    return await Promise.race([asCall(call, () => client.request(request, answered, options)), lost]);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof NoAnswer) throw error;
    if (!(error instanceof McpError)) throw new NoAnswer(whatIsLost(error), { cause: error });
    // Without a connection it is the SDK that speaks, not the server.
    if (!client.transport) {
      throw new NoAnswer({ sent: true, why: 'it ended before it answered.' }, { cause: error });
    }
    // Ours and the server's SDK each put a number before it.
    const text = error.message.replace(/^(MCP error -?\d+: )+/, '');
    return { content: [{ type: 'text', text }], isError: true };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
