import Anthropic from '@anthropic-ai/sdk';
import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream';
import { Stream } from '@anthropic-ai/sdk/streaming';
import { toRemoteError } from './failures.js';

export type Message = Anthropic.Message;
export type Params = Anthropic.MessageCreateParamsStreaming;

/** What an endpoint may not know, so that it is asked again without. */
export type Optional = 'thinking' | 'caching' | 'output_config' | 'server_tools';

/** A request of which parts are optional. */
export interface Draft {
  /** Its optional parts. */
  uses: readonly Optional[];
  build(without: ReadonlySet<Optional>): Params;
}

/** What an endpoint that doesn't stream answers; an error may come with status 200. */
type Body = Message | { type: 'error'; error?: { type?: string; message?: string } };

/**
 * How a refusal names the part, in the order in which parts are given up. `thinking`: blocks of thinking are bound to what was
 * said before them, so a change of the model, of a prompt or of a tool under a run makes them void, and all of them must go.
 */
const REFUSED: readonly [Optional, RegExp][] = [
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
): Promise<{ message: Message; without: ReadonlySet<Optional> }> {
  const without = new Set<Optional>();
  for (;;) {
    try {
      return { message: await send(client, draft.build(without), signal), without };
    } catch (error) {
      const left = draft.uses.filter((part) => !without.has(part));
      const refused = error instanceof Anthropic.BadRequestError && refusedPart(left, error);
      if (!refused) throw toRemoteError(error);
      without.add(refused);
    }
  }
}

function refusedPart(
  left: Optional[],
  { apiMessage, message }: InstanceType<typeof Anthropic.APIError>,
): Optional | undefined {
  const said = apiMessage ?? message;
  return REFUSED.find(([part, words]) => left.includes(part) && words.test(said))?.[0];
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
      return whole((await response.json()) as Body, response);
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

function whole(body: Body, response: Response): Message {
  if (body.type !== 'error') return body;
  throw new Anthropic.APIError(undefined, body, undefined, response.headers);
}
