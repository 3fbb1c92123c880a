import Anthropic from '@anthropic-ai/sdk';
import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream';
import { Stream } from '@anthropic-ai/sdk/streaming';
import { toRemoteError } from './failures.js';

export type Message = Anthropic.Message;
export type Params = Anthropic.MessageCreateParamsStreaming;

/** Parts of a request that an endpoint may not know; it is asked again without them. */
export type OptionalPart = 'thinking' | 'caching' | 'output_config' | 'server_tools';

/** A request, with the optional parts that it uses. */
export interface Draft {
  uses: readonly OptionalPart[];
  build(without: ReadonlySet<OptionalPart>): Params;
}

/** The body of an answer that isn't streamed; an error may come with status 200. */
type Body = Message | { type: 'error'; error?: { type?: string; message?: string } };

/**
 * Words by which a refusal names the part, in the order in which parts are given up. `thinking`: blocks of thinking are bound to what was
 * said before them, so a change of the model, of a prompt or of a tool under a run makes them void, and all of them must go.
 */
const REFUSED: readonly [OptionalPart, RegExp][] = [
  ['thinking', /thinking|signature/i],
  ['caching', /cache_control|ephemeral/i],
  ['output_config', /output_config|output_format/i],
  // A custom tool is named as `tools.3.custom…`; there is nothing to leave out then.
  ['server_tools', /^(?!.*\btools\.\d+\.custom\b).*(?:\btools?\b|web_search|code_execution)/is],
];

/** Sends a request; an endpoint that refuses an optional part of it by name is asked again without it. Errors are `RemoteError`s. */
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

/** Streams, so that a long answer isn't cut by a proxy; an endpoint that answers in one piece is understood too. */
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
