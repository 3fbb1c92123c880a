import Anthropic from '@anthropic-ai/sdk';
import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream';
import { Stream } from '@anthropic-ai/sdk/streaming';
import type { Usage } from '../core/plan.js';
import { toRemoteError } from './failures.js';

type Message = Anthropic.Message;
type Params = Anthropic.MessageCreateParamsStreaming;

export interface Request {
  system: string;
  prompt: string;
  maxTokens: number;
  tools?: Anthropic.ToolUnion[];
  format?: NonNullable<Anthropic.OutputConfig['format']>;
}

export interface Answer {
  content: Anthropic.ContentBlock[];
  usage: Usage;
  /** The answer ran into the token limit. */
  cut: boolean;
  refused: boolean;
  /** What the endpoint didn't know, so that it was asked without. */
  leftOut: Optional[];
}

/** What an endpoint that doesn't stream answers; an error may come with status 200. */
type Body = Message | { type: 'error' };

type Optional = 'tools' | 'output_config';

/** A server tool's turn is paused after a while; it is sent back to go on, at most this often. */
const MAX_PAUSES = 5;

/** How an endpoint that speaks an older Messages API says that it doesn't know a feature. */
const UNKNOWN: Record<Optional, RegExp> = {
  tools: /\btools?\b|web_search/i,
  output_config: /output_config|output_format/i,
};

/** Asks once and returns the whole answer. Errors are `RemoteError`s. */
export async function converse(
  client: Anthropic,
  request: Request & { model: string },
  signal?: AbortSignal,
): Promise<Answer> {
  const { model, system, prompt, maxTokens, tools, format } = request;
  const params: Params = {
    model,
    system,
    max_tokens: maxTokens,
    messages: [{ role: 'user', content: prompt }],
    stream: true,
    ...(tools && { tools }),
    ...(format && { output_config: { format } }),
  };
  const leftOut: Optional[] = [];
  const content: Anthropic.ContentBlock[] = [];
  const usage: Usage = { inputTokens: 0, outputTokens: 0 };
  for (let pauses = 0; ; pauses += 1) {
    const message = await sendLeniently(client, params, leftOut, signal);
    content.push(...(message.content ?? []));
    usage.inputTokens += inputTokens(message);
    usage.outputTokens += message.usage?.output_tokens ?? 0;
    if (message.stop_reason !== 'pause_turn' || pauses === MAX_PAUSES) {
      const cut =
        message.stop_reason === 'max_tokens' || message.stop_reason === 'model_context_window_exceeded';
      return { content, usage, cut, refused: message.stop_reason === 'refusal', leftOut };
    }
    params.messages = [...params.messages, { role: 'assistant', content: message.content }];
  }
}

/** An endpoint that refuses a feature by name is asked again without it. */
async function sendLeniently(
  client: Anthropic,
  params: Params,
  leftOut: Optional[],
  signal?: AbortSignal,
): Promise<Message> {
  for (;;) {
    try {
      return await send(client, params, signal);
    } catch (error) {
      const unknown =
        error instanceof Anthropic.BadRequestError ? unknownFeature(params, error.message) : undefined;
      if (!unknown) throw toRemoteError(error);
      delete params[unknown];
      leftOut.push(unknown);
    }
  }
}

function unknownFeature(params: Params, message: string): Optional | undefined {
  return (['tools', 'output_config'] as const).find((name) => params[name] && UNKNOWN[name].test(message));
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

function whole(
  body: Message | { type: 'error'; error?: { type?: string; message?: string } },
  response: Response,
): Message {
  if (body.type !== 'error') return body;
  throw new Anthropic.APIError(undefined, body, undefined, response.headers);
}

function inputTokens({ usage }: Message): number {
  return (
    (usage?.input_tokens ?? 0) +
    (usage?.cache_creation_input_tokens ?? 0) +
    (usage?.cache_read_input_tokens ?? 0)
  );
}
