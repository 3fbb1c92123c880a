import Anthropic from '@anthropic-ai/sdk';
import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream';
import { Stream } from '@anthropic-ai/sdk/streaming';
import { toRemoteError } from './failures.js';

export type Message = Anthropic.Message;
export type Params = Anthropic.MessageCreateParamsStreaming;

/** Parts of a request that an endpoint may not know. The request is then repeated without them. */
export type OptionalPart = 'thinking' | 'caching' | 'output_config' | 'server_tools';

/** A request, with its optional parts. */
export interface Draft {
  uses: readonly OptionalPart[];
  build(without: ReadonlySet<OptionalPart>): Params;
}

/** Body of an answer that isn't streamed. An error may come with status 200. */
type Body = Message | { type: 'error'; error?: { type?: string; message?: string } };

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

/** Sends a request. When the endpoint refuses an optional part by name, the request is repeated without that part. @throws RemoteError */
export async function sendLeniently(
  client: Anthropic,
  draft: Draft,
  signal?: AbortSignal,
): Promise<{ message: Message; without: ReadonlySet<OptionalPart> }> {
  const without = new Set<OptionalPart>();
  for (;;) {
    try {
      return { message: await send(client, draft.build(without), signal), without };
    } catch (error) {
      const said = error instanceof Anthropic.BadRequestError ? (error.apiMessage ?? error.message) : '';
      const left = draft.uses.filter((part) => !without.has(part));
      const refused = REFUSED.find(([part, words]) => left.includes(part) && words.test(said));
      if (!refused) throw toRemoteError(error);
      without.add(refused[0]);
    }
  }
}

/** Streams, so that no proxy cuts a long answer. An endpoint may also answer in one piece. */
async function send(client: Anthropic, params: Params, signal?: AbortSignal): Promise<Message> {
  const abort = new AbortController();
  const onAbort = () => abort.abort();
  if (signal?.aborted) abort.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await client.messages.create(params, { signal: abort.signal }).asResponse();
    if (response.headers.get('content-type')?.includes('json')) {
      const body = (await response.json()) as Body;
      if (body.type !== 'error') return body;
      throw new Anthropic.APIError(undefined, body, undefined, response.headers);
    }
    const events = Stream.fromSSEResponse<Anthropic.RawMessageStreamEvent>(response, abort, client);
    return await MessageStream.fromReadableStream(events.toReadableStream()).finalMessage();
  } catch (error) {
    if (signal?.aborted) throw new Anthropic.APIUserAbortError();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
