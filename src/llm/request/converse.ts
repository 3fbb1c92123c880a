import type Anthropic from '@anthropic-ai/sdk';
import type { ContentBlock } from '../../run/execution/tools.js';
import { addUsage, type Usage } from '../../run/plan.js';
import { usageOf } from '../prices.js';
import { type Effort, withEffort } from './effort.js';
import { readRefusal } from './refusals.js';
import { type LeftOut, type OptionalPart, type Params, sendLeniently } from './send.js';

export interface Question {
  model: string;
  system: string;
  prompt: string;
  /** Blocks after the prompt. */
  material?: ContentBlock[];
  /** Messages after the prompt: an earlier answer, and what was wrong with it. */
  more?: Anthropic.MessageParam[];
  maxTokens: number;
  /** Longest wait for the beginning of each answer, in milliseconds. */
  patienceMs: number;
  effort?: Effort | undefined;
  /** Tools that run on the model's side, and versions of them that more endpoints know. */
  tools?: { newest: Anthropic.ToolUnion[]; older: Anthropic.ToolUnion[] };
  format?: NonNullable<Anthropic.OutputConfig['format']>;
}

export type Answer = Awaited<ReturnType<typeof converse>>;

/** Limit for the continuations of an answer that a server tool paused. */
const MAX_PAUSES = 5;

/**
 * Asks one question and returns the whole answer. `isCut`: the answer reached a limit; `isLimitReached`: the request's own. `refusal`: the
 * words of a refusal. `leftOut`: parts of the request that the endpoint refused, so the question went without them.
 *
 * @throws RemoteError
 */
export async function converse(client: Anthropic, question: Question, signal?: AbortSignal) {
  const { model, system, prompt, material = [], more = [], maxTokens, tools, format } = question;
  const { patienceMs, effort } = question;
  const asked = material.length === 0 ? prompt : [{ type: 'text', text: prompt }, ...material];
  const messages = [{ role: 'user', content: asked }, ...more] as Anthropic.MessageParam[];
  const beginning = messages.length;
  const content: Anthropic.ContentBlock[] = [];
  const leftOut = new Map<OptionalPart, string>();
  const uses: OptionalPart[] = [];
  if (tools) uses.push('newest_server_tools', 'server_tools');
  if (format) uses.push('output_config');
  let refused: string[] = [];
  let usage: Usage | undefined;
  let container: string | undefined;
  // A continuation goes without what the beginning went without.
  const versionOf = (without: LeftOut) =>
    [without, leftOut].some((parts) => parts.has('newest_server_tools')) ? 'older' : 'newest';
  const build = (without: LeftOut): Params => ({
    model,
    system,
    max_tokens: maxTokens,
    stream: true,
    messages: [...messages],
    ...(container && { container }),
    ...(tools && !without.has('server_tools') && { tools: tools[versionOf(without)] }),
    ...(format && !without.has('output_config') && { output_config: { format } }),
  });
  const draft = withEffort({ uses, patienceMs, build }, effort);
  for (let pauses = 0; ; pauses += 1) {
    const { message, without, ...answered } = await sendLeniently(client, { ...draft, refused }, signal);
    refused = answered.refused;
    for (const [part, said] of without) leftOut.set(part, said);
    content.push(...(message.content ?? []));
    usage = addUsage(usage, usageOf(model, message.usage));
    const reason = message.stop_reason;
    if (reason !== 'pause_turn' || pauses === MAX_PAUSES) {
      const isLimitReached = reason === 'max_tokens';
      const isCut = isLimitReached || reason === 'model_context_window_exceeded';
      const refusal = readRefusal(message);
      return { content, usage, isCut, isLimitReached, refusal, stopReason: reason, leftOut };
    }
    // The search runs in a container, which a paused turn needs again.
    container = message.container?.id ?? container;
    // All that the model wrote is one message. Some endpoints refuse two of one side in a row.
    messages.splice(beginning, 1, { role: 'assistant', content: [...content] });
  }
}
