import { AsyncLocalStorage } from 'node:async_hooks';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { ToolAnswer, ToolQuestion } from '../../run/execution/tool-question.js';
import { withReadableAnswer } from './transport/exact-answers.js';

/** A call that waits for its answer over HTTP. */
export interface InFlight {
  /** True if the SDK can resume the call's broken stream, a few times. */
  resumable: boolean;
  /** Ends the call without an answer. */
  lose(why: string): void;
  /** Puts a question of the tool to people; unset where nobody can be asked. */
  ask?: AskPeople | undefined;
}

export type AskPeople = (question: ToolQuestion, signal: AbortSignal) => Promise<ToolAnswer>;

/** Time in which the SDK delivers the last message after a stream's end, in milliseconds. */
const STRAGGLERS_MS = 500;

/** The call to which a request of the SDK belongs; the SDK doesn't expose that. */
const calls = new AsyncLocalStorage<InFlight>();

/** Runs the work of a call, so that `watchingFetch` and `currentCall` find the call. */
export const runAsCall = calls.run.bind(calls) as <T>(call: InFlight, work: () => T) => T;

/** Calls that wait for their answers, by the connection's client. */
const open = new WeakMap<object, Set<InFlight>>();

/** Calls of a client that are under way. */
export function callsOf(client: object): Set<InFlight> {
  const known = open.get(client) ?? new Set();
  open.set(client, known);
  return known;
}

/** The call in whose work the caller runs; undefined outside of a call. */
export const currentCall = () => calls.getStore();

/** `fetch` that notices the end of a call's stream. The SDK would wait for its time-out (modelcontextprotocol/typescript-sdk#2739). */
export const watchingFetch: FetchLike = async (url, init) => {
  const call = calls.getStore();
  const response = await withReadableAnswer(await fetch(url, init), requestIn(init?.body));
  const isStream = response.headers.get('content-type')?.includes('text/event-stream') ?? false;
  if (!call || !isStream || !response.body) return response;
  const onEnd = () => {
    setTimeout(() => {
      if (!call.resumable) call.lose('its stream ended without an answer.');
    }, STRAGGLERS_MS);
  };
  return watchStream(response, onEnd);
};

/** Passes a response on, and calls `onEnd` when its stream ends or breaks off. */
export function watchStream(response: Response, onEnd: () => void): Response {
  const { status, statusText, headers, body } = response;
  if (!body) return response;
  return new Response(ReadableStream.from(watch(body, onEnd)), { status, statusText, headers });
}

/** Id of the request in a body; undefined for a notification or an answer. */
function requestIn(body: unknown): RequestId | undefined {
  if (typeof body !== 'string') return undefined;
  const { id, method } = JSON.parse(body) as { id?: RequestId; method?: string };
  return method === undefined ? undefined : id;
}

/** Passes a stream on, and calls `onEnd` when it ends or breaks off. */
async function* watch<T>(stream: AsyncIterable<T>, onEnd: () => void): AsyncGenerator<T> {
  try {
    yield* stream;
  } finally {
    onEnd();
  }
}
