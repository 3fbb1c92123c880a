import type Anthropic from '@anthropic-ai/sdk';
import type { ContentBlock } from '../run/execution/tools.js';
import { addUsage, type Usage } from '../run/plan.js';
import { type Effort, withEffort } from './effort.js';
import { isImage, withoutImages } from './messages.js';
import { usageOf } from './prices.js';
import { type OptionalPart, type Params, sendLeniently } from './send.js';

export interface Question {
  model: string;
  system: string;
  prompt: string;
  /** Blocks after the prompt. */
  material?: ContentBlock[];
  maxTokens: number;
  /** Longest wait for the beginning of each answer, in milliseconds. */
  patienceMs: number;
  effort?: Effort | undefined;
  /** Tools that run on the model's side. */
  tools?: Anthropic.ToolUnion[];
  format?: NonNullable<Anthropic.OutputConfig['format']>;
}

export type Answer = Awaited<ReturnType<typeof converse>>;

/** Limit for the continuations of an answer that a server tool paused. */
const MAX_PAUSES = 5;

/**
 * Asks one question and returns the whole answer. `cut`: the answer reached the token limit. `leftOut`: parts of the request that the
 * endpoint doesn't know, so the question went without them.
 *
 * @throws RemoteError
 */
export async function converse(client: Anthropic, question: Question, signal?: AbortSignal) {
  const { model, system, prompt, material = [], maxTokens, tools, format, patienceMs, effort } = question;
  const asked = material.length === 0 ? prompt : [{ type: 'text', text: prompt }, ...material];
  const messages = [{ role: 'user', content: asked }] as Anthropic.MessageParam[];
  const content: Anthropic.ContentBlock[] = [];
  const leftOut = new Set<OptionalPart>();
  const uses: OptionalPart[] = [];
  if (tools) uses.push('server_tools');
  if (format) uses.push('output_config');
  if (material.some(isImage)) uses.push('images');
  let usage: Usage | undefined;
  let container: string | undefined;
  const build = (without: ReadonlySet<OptionalPart>): Params => ({
    model,
    system,
    max_tokens: maxTokens,
    stream: true,
    messages: without.has('images') ? withoutImages(messages) : [...messages],
    ...(container && { container }),
    ...(tools && !without.has('server_tools') && { tools }),
    ...(format && !without.has('output_config') && { output_config: { format } }),
  });
  const draft = withEffort({ uses, patienceMs, build }, effort);
  for (let pauses = 0; ; pauses += 1) {
    const { message, without } = await sendLeniently(client, draft, signal);
    for (const part of without) leftOut.add(part);
    content.push(...(message.content ?? []));
    usage = addUsage(usage, usageOf(model, message.usage));
    const reason = message.stop_reason;
    if (reason !== 'pause_turn' || pauses === MAX_PAUSES) {
      const cut = reason === 'max_tokens' || reason === 'model_context_window_exceeded';
      return { content, usage, cut, refused: reason === 'refusal', leftOut };
    }
    // The search runs in a container, which a paused turn needs again.
    container = message.container?.id ?? container;
    messages.push({ role: 'assistant', content: message.content });
  }
}
