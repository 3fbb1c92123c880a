import { AsyncLocalStorage } from 'node:async_hooks';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';

/** A call that waits for its answer over HTTP. */
export interface InFlight {
  /** Its stream can be taken up again where it broke off: the SDK does that, a few times. */
  resumable: boolean;
  /** No answer will come any more. */
  lose(why: string): void;
}

/** What came just before a stream's end is still on its way through the SDK for this long, in milliseconds. */
const STRAGGLERS_MS = 500;

/** Which call a request of the SDK's belongs to; it doesn't say so itself. */
const calls = new AsyncLocalStorage<InFlight>();

/** Does the work of a call, so that `watchingFetch` and `callAt` know it. */
export const asCall = calls.run.bind(calls) as <T>(call: InFlight, work: () => T) => T;

/** The call to which what runs just now belongs; undefined for what belongs to none. */
export const callAt = () => calls.getStore();

/**
 * `fetch`, which notices that the stream of a call has ended. The SDK leaves a call waiting for its time-out then
 * (modelcontextprotocol/typescript-sdk#2739); four minutes of not knowing help nobody.
 */
export const watchingFetch: FetchLike = async (url, init) => {
  const call = calls.getStore();
  const response = await fetch(url, init);
  const isStream = response.headers.get('content-type')?.includes('text/event-stream') ?? false;
  if (!call || !isStream || !response.body) return response;
  const ended = () => {
    setTimeout(() => {
      if (!call.resumable) call.lose('its stream ended without an answer.');
    }, STRAGGLERS_MS);
  };
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (value) controller.enqueue(value);
        if (!done) return;
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      ended();
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
};
