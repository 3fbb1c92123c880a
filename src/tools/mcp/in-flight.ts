import { AsyncLocalStorage } from 'node:async_hooks';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';

/** A call that waits for its answer over HTTP. */
export interface InFlight {
  /** The SDK can take its stream up again where it broke off, a few times. */
  resumable: boolean;
  /** Ends the call: no answer will come any more. */
  lose(why: string): void;
}

/** Time that the SDK needs to hand on the last message before a stream's end, in milliseconds. */
const STRAGGLERS_MS = 500;

/** Tells to which call a request of the SDK belongs; the SDK doesn't say so itself. */
const calls = new AsyncLocalStorage<InFlight>();

/** Does the work of a call, so that `watchingFetch` and `currentCall` know it. */
export const runAsCall = calls.run.bind(calls) as <T>(call: InFlight, work: () => T) => T;

/** Returns the call in whose work the caller runs; undefined outside of any. */
export const currentCall = () => calls.getStore();

/**
 * `fetch`, which notices that the stream of a call has ended. The SDK leaves a call waiting for its time-out then
 * (modelcontextprotocol/typescript-sdk#2739); four minutes of not knowing help nobody.
 */
export const watchingFetch: FetchLike = async (url, init) => {
  const call = calls.getStore();
  const response = await fetch(url, init);
  const isStream = response.headers.get('content-type')?.includes('text/event-stream') ?? false;
  if (!call || !isStream || !response.body) return response;
  const onEnd = () => {
    setTimeout(() => {
      if (!call.resumable) call.lose('its stream ended without an answer.');
    }, STRAGGLERS_MS);
  };
  const { status, statusText, headers } = response;
  return new Response(ReadableStream.from(watch(response.body, onEnd)), { status, statusText, headers });
};

/** Passes a stream on, and tells when it has ended or broken off. */
async function* watch<T>(stream: AsyncIterable<T>, onEnd: () => void): AsyncGenerator<T> {
  try {
    yield* stream;
  } finally {
    onEnd();
  }
}
