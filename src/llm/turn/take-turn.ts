import type Anthropic from '@anthropic-ai/sdk';
import type { ModelTurn, TurnRequest } from '../../run/execution/conversation.js';
import { addUsage, NO_USAGE, type Usage } from '../../run/plan.js';
import { isThinking } from '../content/messages.js';
import { toSendable } from '../content/sendable.js';
import { handOver, MAX_OUTPUT_TOKENS, thoughtOnly } from '../request/ask.js';
import { type Effort, withEffort } from '../request/effort.js';
import { isTooLong, readRoom } from '../request/failures.js';
import { AnswerLimit } from '../request/limits.js';
import type { Message } from '../request/receive.js';
import { readRefusal, refusedText } from '../request/refusals.js';
import { type Answered, type OptionalPart, type Params, sendLeniently } from '../request/send.js';
import { estimateTokens, readCleared, TRIGGER_TOKENS } from './context-editing.js';
import { FittedConversation } from './fitted-conversation.js';
import { readTurn, unbegunTurn } from './turn-answer.js';
import { draftTurn } from './turn-request.js';

/** First limit for one turn, thinking included, in tokens. */
const MAX_TOKENS = 32_000;

/** Longest wait for a count of tokens, in milliseconds. The estimate is good enough without one. */
const COUNT_MS = 15_000;

/** Parts that a model either knows or doesn't. */
const REMEMBERED = ['context_editing', 'tool_search'] as const;

export interface Models {
  model: string;
  /** Model that goes on when the first one refuses. */
  fallbackModel?: string | undefined;
  effort?: Effort | undefined;
  /** Longest wait for the beginning of each answer, in milliseconds. */
  patienceMs: number;
  /** Parts that a model turned out not to know, by its name. */
  unknown: Map<string, Set<OptionalPart>>;
}

/**
 * Takes one turn of an execution, and gets over what keeps the model from it. A full context is made shorter, and a limit that went into
 * thinking is raised. Code whose container is gone is dropped. The fallback model answers what the first one refuses.
 *
 * @throws RemoteError
 */
export async function takeTurn(
  client: Anthropic,
  { model: first, fallbackModel, effort, patienceMs, unknown }: Models,
  input: TurnRequest,
  signal?: AbortSignal,
): Promise<ModelTurn> {
  const conversation = new FittedConversation(client, input, { fallbackModel, effort, patienceMs });
  const isLong = estimateTokens(input.exchanges) >= TRIGGER_TOKENS / 2;
  const notes: string[] = [];
  const refusals = new Map<string, string>();
  const refusedTools = new Map<string, string>();
  let model = (input.useFallback && fallbackModel) || first;
  const limit = new AnswerLimit(client, MAX_TOKENS, MAX_OUTPUT_TOKENS);
  let usage: Usage | undefined;

  const isUnknown = (part: (typeof REMEMBERED)[number]) => unknown.get(model)?.has(part) ?? false;
  const shorten = () => conversation.shorten(model, signal);
  const draft = () => {
    const editsContext = isLong && !isUnknown('context_editing') && !conversation.isSummedUp;
    const hasToolSearch = !isUnknown('tool_search');
    const options = { model, maxTokens: limit.of(model), patienceMs, editsContext, hasToolSearch };
    return withEffort(draftTurn(conversation.request, options), effort);
  };
  const finish = (turn: ModelTurn): ModelTurn => {
    const { edits, isSummedUp } = conversation;
    if (isSummedUp)
      notes.push(
        'The work became too long for the model, so a summary took the place of what was said before.',
      );
    return {
      ...turn,
      usage: addUsage(addUsage(usage, turn.usage), conversation.usage ?? NO_USAGE),
      ...(Object.keys(edits).length > 0 && { edits }),
      ...(model !== first && { useFallback: true }),
      ...(notes.length > 0 && { notes }),
      ...(refusedTools.size > 0 && {
        refusedTools: [...refusedTools].map(([name, reason]) => ({ name, reason })),
      }),
    };
  };

  if (isLong && isUnknown('context_editing')) {
    const params = toSendable(draft().build(new Map()), new Set(conversation.refused));
    const how = { timeout: Math.min(patienceMs, COUNT_MS), signal };
    if (await isOverTrigger(client, params, input, how)) conversation.clearOld();
  }
  for (;;) {
    let received: Answered;
    try {
      received = await sendLeniently(client, draft(), signal);
    } catch (error) {
      if (limit.lower(model, readRoom(error))) continue;
      // Before the first exchange there is nothing that could be shorter.
      if (!isTooLong(error) || input.exchanges.length === 0) throw error;
      if (!(await shorten())) return finish(unbegunTurn());
      continue;
    }
    const { message, without } = received;
    const lacking = REMEMBERED.filter((part) => without.has(part));
    unknown.set(model, new Set([...(unknown.get(model) ?? []), ...lacking]));
    if (without.has('container')) conversation.edits = { ...conversation.edits, isCodeLost: true };
    if (without.has('thinking')) conversation.edits = { ...conversation.edits, isThinkingLost: true };
    for (const [name, reason] of received.refusedTools) refusedTools.set(name, reason);
    const turn = readTurn(model, received, conversation.request.exchanges);
    conversation.refused = received.refused;
    const refusal = readRefusal(message);
    if (refusal !== undefined) refusals.set(model, refusal);
    const isThoughtOnly = message.stop_reason === 'max_tokens' && turn.text.trim() === '';
    if (refusal !== undefined && fallbackModel !== undefined && model !== fallbackModel) {
      model = fallbackModel;
      notes.push(...handOver(refusals, model));
    } else if (isThoughtOnly) {
      if (!limit.raise(model)) throw thoughtOnly('a turn', limit.of(model));
    } else if (message.stop_reason !== 'model_context_window_exceeded' || !(await shorten())) {
      const refusedBy = refusal !== undefined && { refusal: refusedText('go on', refusals) };
      return finish({
        ...takeOverClearing(conversation, turn, message),
        ...refusedBy,
        ...containerOf(message),
      });
    }
    usage = addUsage(usage, turn.usage);
  }
}

/** Clears in the conversation what the API cleared for this answer. The answer's thinking is bound to the uncleared one, so it goes too. */
function takeOverClearing(conversation: FittedConversation, turn: ModelTurn, message: Message): ModelTurn {
  const cleared = readCleared(message, conversation.whole.exchanges);
  if (cleared === 0) return turn;
  const { edits } = conversation;
  conversation.edits = { ...edits, cleared: Math.max(cleared, edits.cleared ?? 0) };
  return { ...turn, content: turn.content.filter((block) => !isThinking(block)) };
}

/** Counts the tokens of a request by the API, and compares them with the trigger. Where the API can't count, the estimate counts. */
async function isOverTrigger(
  client: Anthropic,
  params: Params,
  { exchanges }: TurnRequest,
  options: Anthropic.RequestOptions,
): Promise<boolean> {
  if (estimateTokens(exchanges) < TRIGGER_TOKENS) return false;
  const { model, messages, system, tools } = params;
  try {
    const request = {
      model,
      messages,
      ...(system && { system }),
      ...(tools && { tools: tools as Anthropic.MessageCountTokensTool[] }),
    };
    const counted = await client.messages.countTokens(request, options);
    return counted.input_tokens > TRIGGER_TOKENS;
  } catch {
    return true;
  }
}

function containerOf({ container }: Message): Pick<ModelTurn, 'container'> {
  return container ? { container: { id: container.id, expiresAt: container.expires_at } } : {};
}
