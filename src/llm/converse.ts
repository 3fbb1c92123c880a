import type Anthropic from '@anthropic-ai/sdk';
import type { Usage } from '../run/plan.js';
import { addUsage, NO_USAGE, usageOf } from './prices.js';
import { type Draft, type Optional, type Params, sendLeniently } from './send.js';

export interface Request {
  system: string;
  prompt: string;
  maxTokens: number;
  /** Tools that run on the model's side. */
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
  leftOut: ReadonlySet<Optional>;
}

/** A server tool's turn is paused after a while; it is sent back to go on, at most this often. */
const MAX_PAUSES = 5;

/** Asks one question and returns the whole answer. Errors are `RemoteError`s. */
export async function converse(
  client: Anthropic,
  request: Request & { model: string },
  signal?: AbortSignal,
): Promise<Answer> {
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: request.prompt }];
  const content: Anthropic.ContentBlock[] = [];
  let usage = NO_USAGE;
  let container: string | undefined;
  let leftOut: ReadonlySet<Optional> = new Set();
  for (let pauses = 0; ; pauses += 1) {
    const params = { ...paramsOf(request), messages: [...messages], ...(container && { container }) };
    const { message, without } = await sendLeniently(client, draftOf(params), signal);
    leftOut = new Set([...leftOut, ...without]);
    content.push(...(message.content ?? []));
    usage = addUsage(usage, usageOf(request.model, message.usage));
    if (message.stop_reason !== 'pause_turn' || pauses === MAX_PAUSES) {
      const cut =
        message.stop_reason === 'max_tokens' || message.stop_reason === 'model_context_window_exceeded';
      return { content, usage, cut, refused: message.stop_reason === 'refusal', leftOut };
    }
    // The search runs in a container of its own, which a paused turn must find again.
    container = message.container?.id ?? container;
    messages.push({ role: 'assistant', content: message.content });
  }
}

function paramsOf({ model, system, maxTokens, tools, format }: Request & { model: string }) {
  return {
    model,
    system,
    max_tokens: maxTokens,
    stream: true as const,
    ...(tools && { tools }),
    ...(format && { output_config: { format } }),
  };
}

function draftOf(params: Params): Draft {
  const { tools, output_config, ...rest } = params;
  return {
    uses: [
      ...(tools ? (['server_tools'] as const) : []),
      ...(output_config ? (['output_config'] as const) : []),
    ],
    build: (without) => ({
      ...rest,
      ...(tools && !without.has('server_tools') && { tools }),
      ...(output_config && !without.has('output_config') && { output_config }),
    }),
  };
}
