import { clip } from '../../platform/cut.js';
import { type Exchange, type Turn, textBlock } from './conversation.js';
import type { ContentBlock } from './tools.js';

/** Edits that keep a conversation within the model's context. They are made for one turn, and kept for all later ones. */
export interface ContextEdits {
  /** Number of the oldest tool results that are cleared. */
  cleared?: number;
  /** Set when the code that ran is out of reach: server tool calls without a result are dropped. */
  isCodeLost?: true;
  /** Set when the model refuses its earlier thinking, as another model does: all of it is dropped. */
  isThinkingLost?: true;
  /** Stands for the whole conversation so far. */
  summary?: string;
}

/** Container of the model's code. A later turn needs it while code is pending, or to find the code's files. */
export interface Container {
  id: string;
  /** Moment until which it is surely there, ISO 8601. */
  expiresAt: string;
}

/** Parts of an execution that its turns change, besides what they add to the conversation. */
export interface KeptContext {
  exchanges: Exchange[];
  /** Keys of parts of the conversation that the model's API refused. Later turns, and a retry, go without them. */
  refused?: string[];
  container?: Container;
  /** Set once the first model has refused to go on. */
  useFallback?: boolean;
  /** Words for people on what happened on the way, each once; they stand under the result. */
  notes?: string[];
}

/** Takes over what a turn says about the conversation before it. */
export function keepContext(state: KeptContext, turn: Partial<Turn>): void {
  const { edits, refused, container, useFallback, notes = [] } = turn;
  if (edits) state.exchanges = [...editExchanges(state.exchanges, edits)];
  if (refused) state.refused = refused;
  if (container) state.container = container;
  else if (edits?.isCodeLost) delete state.container;
  if (useFallback) state.useFallback = true;
  if (notes.length > 0) state.notes = [...new Set([...(state.notes ?? []), ...notes])];
}

/** Stands for a result that was cleared. The model must not repeat a change because of it. */
const CLEARED: ContentBlock = {
  type: 'text',
  text: '(This result was cleared to keep the conversation short. The call itself was made: never repeat a change. Read again only what is still needed, one thing at a time.)',
};

/** Results up to this size stay, because clearing them would free nothing. */
const SMALL_CHARS = 400;
/** Beginning that is kept of a failed call's answer, in characters. Written as JSON, it may be longer. */
const KEPT_OF_ERROR = 150;

/** Applies edits to a conversation, which is not changed. The same edits may be applied again. */
export function editExchanges(exchanges: readonly Exchange[], edits: ContextEdits): readonly Exchange[] {
  const { cleared = 0, isCodeLost, isThinkingLost, summary } = edits;
  if (summary !== undefined) return [{ role: 'user', content: [textBlock(summary)] }];
  if (cleared === 0 && !isCodeLost && !isThinkingLost) return exchanges;
  const answered = new Set(exchanges.flatMap(({ content }) => content.map((block) => block.tool_use_id)));
  const isOpen = ({ type, id }: ContentBlock) => type === 'server_tool_use' && !answered.has(id);
  let result = 0;
  const edit = (block: ContentBlock): ContentBlock[] => {
    // Thinking is bound to the text before it, which changes.
    if (isThinking(block) || (isCodeLost && isOpen(block))) return [];
    if (block.type !== 'tool_result') return [block];
    result += 1;
    return [result <= cleared ? clearResult(block) : block];
  };
  return exchanges.map(({ role, content }) => ({ role, content: content.flatMap(edit) }));
}

export function isThinking({ type }: ContentBlock): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

function clearResult(block: ContentBlock): ContentBlock {
  if (sizeOf(block) <= SMALL_CHARS) return block;
  if (!block.is_error) return { ...block, content: [CLEARED] };
  // A call that people rejected was not made: the beginning of the answer says so.
  const [first] = Array.isArray(block.content) ? (block.content as ContentBlock[]) : [];
  return { ...block, content: [textBlock(clip(String(first?.text ?? 'It failed.'), KEPT_OF_ERROR))] };
}

/** Size of a result in characters; an image counts by the tokens that it costs. */
function sizeOf({ content }: ContentBlock): number {
  const blocks = Array.isArray(content) ? (content as ContentBlock[]) : [content];
  const sizes = blocks.map((block) =>
    (block as ContentBlock)?.type === 'image' ? IMAGE_CHARS : JSON.stringify(block ?? '').length,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const IMAGE_CHARS = 5_000;

/** Counts the oldest results that must go, so that the newest `keepChars` of all results are left. */
export function countClearable(exchanges: readonly Exchange[], keepChars: number): number {
  const sizes = exchanges
    .flatMap(({ content }) => content)
    .filter(({ type }) => type === 'tool_result')
    .map(sizeOf);
  let kept = 0;
  const last = sizes.findLastIndex((size) => {
    kept += size;
    return kept > keepChars && size > SMALL_CHARS;
  });
  return last + 1;
}
