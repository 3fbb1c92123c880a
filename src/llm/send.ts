import Anthropic from '@anthropic-ai/sdk';
import { cut } from '../platform/cut.js';
import { isRefusal, toRemoteError } from './failures.js';
import { type Received, receive } from './receive.js';
import { findRefused, IMAGES } from './refused-parts.js';
import { toSendable } from './sendable.js';

export type Params = Anthropic.MessageCreateParamsStreaming;

/** Parts of a request that an endpoint may not know. The request is then repeated without them. */
export type OptionalPart = 'thinking' | 'caching' | 'output_config' | 'server_tools';

/** A request, with its optional parts. */
export interface Draft {
  uses: readonly OptionalPart[];
  /** Keys of parts that the API refused in an earlier request. They are not sent again. */
  refused?: readonly string[];
  build(without: ReadonlySet<OptionalPart>): Params;
}

/**
 * Patterns by which a refusal names an optional part, in the order in which parts are dropped. A thinking block is bound to the text
 * before it; a new model, prompt or tool makes it invalid, so all are dropped.
 */
const REFUSED: readonly [OptionalPart, RegExp][] = [
  ['thinking', /thinking|signature/i],
  ['caching', /cache_control|ephemeral/i],
  ['output_config', /output_config|output_format/i],
  // A custom tool is named `tools.3.custom…`; dropping server tools would not help.
  ['server_tools', /^(?!.*\btools\.\d+\.custom\b).*(?:\btools?\b|web_search|code_execution)/is],
];

/** A refused request is mended and sent again at most this often. */
const MAX_MENDS = 5;

/** An answer, with the optional parts that the request went without, and the keys of all parts that were refused. */
export type Answered = Received & { without: ReadonlySet<OptionalPart>; refused: string[] };

/**
 * Sends a request. When the endpoint refuses an optional part by name, or a part of the conversation, the request is repeated without that
 * part. It is never repeated unchanged.
 *
 * @throws RemoteError
 */
export async function sendLeniently(
  client: Anthropic,
  draft: Draft,
  signal?: AbortSignal,
): Promise<Answered> {
  const without = new Set<OptionalPart>();
  const refused = new Set(draft.refused);
  for (let mends = 0; ; mends += 1) {
    const params = toSendable(draft.build(without), refused);
    try {
      return { ...(await send(client, params, signal)), without, refused: [...refused] };
    } catch (error) {
      const said = refusalOf(error);
      const part = IMAGES.test(said) ? undefined : optionalPartIn(said, draft, without);
      const others = part || mends >= MAX_MENDS ? [] : findRefused(said, params, refused);
      if (!part && others.length === 0) throw toRemoteError(error);
      if (part) without.add(part);
      for (const key of others) refused.add(key);
    }
  }
}

/** Limit for the words of a refusal, in characters: an endpoint may repeat the whole request in them. */
const MAX_REFUSAL_CHARS = 2_000;

/** Words of a refusal; empty for any other error. */
function refusalOf(error: unknown): string {
  if (!(error instanceof Anthropic.APIError && isRefusal(error))) return '';
  return cut(error.apiMessage ?? error.message, MAX_REFUSAL_CHARS);
}

function optionalPartIn(said: string, { uses }: Draft, without: ReadonlySet<OptionalPart>) {
  const left = uses.filter((part) => !without.has(part));
  return REFUSED.find(([part, words]) => left.includes(part) && words.test(said))?.[0];
}

/** Streams, so that no proxy cuts a long answer. */
async function send(client: Anthropic, params: Params, signal?: AbortSignal): Promise<Received> {
  const abort = new AbortController();
  const onAbort = () => abort.abort();
  if (signal?.aborted) abort.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await client.messages.create(params, { signal: abort.signal }).asResponse();
    return await receive(client, response, abort);
  } catch (error) {
    if (signal?.aborted) throw new Anthropic.APIUserAbortError();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
