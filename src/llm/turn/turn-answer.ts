import { wellFormedData } from '../../platform/well-formed.js';
import type { Exchange, ModelCall, ModelTurn, TurnEnd } from '../../run/execution/conversation.js';
import type { ContentBlock } from '../../run/execution/tools.js';
import { NO_USAGE } from '../../run/plan.js';
import { isBlankText, isThinking, NOTHING } from '../content/messages.js';
import { readSources } from '../content/sources.js';
import { usageOf } from '../prices.js';
import type { Received } from '../request/receive.js';
import type { Answered } from '../request/send.js';
import { nameCalls } from './call-names.js';

/** Stop reasons after which the model's tool calls are dropped. */
const STOPPED: Partial<Record<string, TurnEnd>> = {
  max_tokens: 'cut',
  model_context_window_exceeded: 'full',
  refusal: 'refused',
};

/** Reads a turn. `exchanges`: the conversation before it. */
export function readTurn(
  model: string,
  { message, problems, refused }: Answered,
  exchanges: readonly Exchange[],
): ModelTurn {
  const given = JSON.parse(JSON.stringify(message.content ?? [])) as ContentBlock[];
  const whole = nameCalls(wellFormedData(given).map(repairBlock), exchanges);
  const stopped = STOPPED[message.stop_reason ?? ''];
  const calls = stopped ? [] : readCalls(whole, problems);
  // Calls count whatever the stop reason is, because they must be answered first.
  const other = message.stop_reason === 'pause_turn' ? 'paused' : 'done';
  const end = stopped ?? (calls.length > 0 ? 'calls' : other);
  return {
    content: end === 'calls' || end === 'paused' ? dropUnsigned(whole) : close(whole),
    text: joinText(whole, end),
    calls,
    end,
    sources: wellFormedData(readSources(message.content ?? [])),
    usage: usageOf(model, message.usage),
    ...(refused.length > 0 && { refused }),
  };
}

/** Makes the turn for a conversation that no longer fits into the model's context. */
export function unbegunTurn(): ModelTurn {
  return { content: [NOTHING], text: '', calls: [], end: 'full', sources: [], usage: NO_USAGE };
}

function readCalls(content: ContentBlock[], problems: Received['problems']): ModelCall[] {
  return content.flatMap(({ type, id, name, input }, index): ModelCall[] => {
    if (type !== 'tool_use') return [];
    const problem = problems.get(index);
    const call = { id: String(id), name: String(name), input: input as Record<string, unknown> };
    return [{ ...call, ...(problem !== undefined && { problem }) }];
  });
}

/** Makes a block acceptable to the API: a call's input must be an object, and a citation may name no file. */
function repairBlock(block: ContentBlock): ContentBlock {
  if (block.type === 'tool_use') {
    const { input } = block;
    const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
    return isObject ? block : { ...block, input: {} };
  }
  if (block.type !== 'text' || !Array.isArray(block.citations)) return block;
  const citations = block.citations.map(({ file_id: _, ...citation }: Record<string, unknown>) => citation);
  return { ...block, citations };
}

/** Drops thinking without a signature, because the API refuses it. Such thinking was cut. */
function dropUnsigned(content: ContentBlock[]): ContentBlock[] {
  return content.filter(({ type, signature }) => type !== 'thinking' || Boolean(signature));
}

/**
 * Keeps the content that may stay in the conversation when nobody answers its calls. Tool calls are dropped: a stopped turn's calls are
 * never made, and the last input may be cut. Server tool calls without a result, and thinking at the end, are dropped too.
 */
function close(content: ContentBlock[]): ContentBlock[] {
  const answered = new Set(content.map(({ tool_use_id }) => tool_use_id));
  const kept = dropUnsigned(content).filter(
    ({ type, id }) => type !== 'tool_use' && (type !== 'server_tool_use' || answered.has(id)),
  );
  const end = kept.findLastIndex((block) => !isThinking(block) && !isBlankText(block));
  return end < 0 ? [NOTHING] : kept.slice(0, end + 1);
}

/** Joins the text; thinking or a tool call starts a new paragraph. White space at the ends is kept, because a cut answer continues there. */
function joinText(content: ContentBlock[], end: TurnEnd): string {
  const parts = [''];
  for (const { type, text } of content) {
    if (type === 'text') parts.push(`${parts.pop()}${text}`);
    else parts.push('');
  }
  const text = parts.filter((part) => part.trim() !== '').join('\n\n');
  return text !== '' && end === 'paused' ? `${text}\n\n` : text;
}
