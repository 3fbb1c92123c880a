import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import type { FetchLike, Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import { watchStream } from '../in-flight.js';

/** Longest wait for the address for requests, in milliseconds. A server names it at once. */
const ENDPOINT_MS = 10_000;

/**
 * Creates a transport for HTTP with SSE, as MCP was before its version 2025-03-26. Its stream is not taken up again, because the server would
 * know nothing of the session: the connection ends with it.
 */
export function createSseTransport(
  url: URL,
  options: { requestInit: RequestInit; fetch: FetchLike },
): Transport {
  let failure: unknown;
  const transport = new SSEClientTransport(url, {
    ...options,
    fetch: async (address, init) => {
      const response = await options.fetch(address, init).catch((error: unknown) => {
        failure = error;
        throw error;
      });
      const isStream = response.headers.get('content-type')?.includes('text/event-stream') ?? false;
      return isStream ? watchStream(response, () => void transport.close()) : response;
    },
  });
  const start = transport.start.bind(transport);
  // The SDK would wait without end for a server whose stream never names the address for requests.
  transport.start = async () => {
    try {
      await withTimeout(ENDPOINT_MS, start, () => {
        throw new Error("its stream of events is not MCP's");
      });
    } catch (error) {
      // The SDK keeps only the text of a failed request.
      throw failure ?? error;
    }
  };
  return transport;
}
