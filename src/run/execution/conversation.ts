import type { Plan, Source, Usage } from '../plan.js';
import type { ContentBlock, ToolCall, ToolSpec } from './tools.js';

/** One message of the conversation in which a plan is carried out, in the Messages API's own shape. */
export interface Exchange {
  role: 'user' | 'assistant';
  content: ContentBlock[];
}

/**
 * How a turn of the model ended: it is `done`, it wants `calls` made, it is `paused` (its server tools went on for long: it goes
 * on when it gets its own words back), its answer was `cut` at the limit, its context is `full`, or it `refused`.
 */
export type TurnEnd = 'done' | 'calls' | 'paused' | 'cut' | 'full' | 'refused';

/** One turn of the model. */
export interface Turn {
  /** The whole answer, as it goes back to the model. Never holds a tool call that was cut off. */
  content: ContentBlock[];
  /** Its text in Markdown; may be empty. */
  text: string;
  calls: ToolCall[];
  end: TurnEnd;
  /** Pages that its server tools found. */
  sources: Source[];
  usage: Usage;
}

/** A turn as the model answers it: its calls are unread, and still hold the metadata that `addCallMetadata` asks for. */
export type ModelTurn = Omit<Turn, 'calls'> & { calls: ModelCall[] };

export type ModelCall = Pick<ToolCall, 'id' | 'name' | 'input'>;

/** The goal and the approved plan, with which every turn begins. */
export interface Assignment {
  goal: string;
  plan: Plan;
  /** Everybody who approved, and their notes. */
  approval: { by: string; note: string };
}

/** Tools that run on the model's side. People can't be asked about their single calls. */
export type ServerTool = 'web_search' | 'code_execution';

/** The request for one turn. `exchanges` is what was said since the assignment. */
export interface TurnRequest extends Assignment {
  exchanges: Exchange[];
  tools: ToolSpec[];
  serverTools: ServerTool[];
}

/** Wraps a tool call's answer for the model. */
export function resultBlock(callId: string, content: ContentBlock[], isError: boolean): ContentBlock {
  return { type: 'tool_result', tool_use_id: callId, content, ...(isError && { is_error: true }) };
}

export function textBlock(text: string): ContentBlock {
  return { type: 'text', text: text === '' ? ' ' : text };
}
