import type { Plan, Source, Usage } from '../plan.js';
import type { ThreadContext } from '../thread.js';
import type { ContentBlock, ToolCall, ToolSpec } from './tools.js';

/** One message of an execution's conversation, in the Messages API's format. */
export interface Exchange {
  role: 'user' | 'assistant';
  content: ContentBlock[];
}

/**
 * End of a turn. `done`: the model is finished. `calls`: it asks for tool calls. `paused`: its server tools ran long; sending its answer
 * back continues it. `cut`: the answer reached the token limit. `full`: the conversation exceeds the context. `refused`: the model
 * refused.
 */
export type TurnEnd = 'done' | 'calls' | 'paused' | 'cut' | 'full' | 'refused';

export interface Turn {
  /** The whole answer, in the form in which it goes back to the model. It never holds a cut tool call. */
  content: ContentBlock[];
  /** Markdown; may be empty. */
  text: string;
  calls: ToolCall[];
  end: TurnEnd;
  /** Pages that its server tools found. */
  sources: Source[];
  usage: Usage;
  /** Answers that are known with the turn, by the ids of their calls: those of `find_tools`. */
  answers?: Record<string, ContentBlock>;
  /** Tools that the model's API refused: the turn was taken without them. */
  refusedTools?: RefusedTool[];
}

export interface RefusedTool {
  name: string;
  /** The API's reason. */
  reason: string;
}

/** A turn before its calls are read. The calls still hold the metadata that `addCallMetadata` asks for. */
export type ModelTurn = Omit<Turn, 'calls' | 'answers'> & { calls: ModelCall[] };

export type ModelCall = Pick<ToolCall, 'id' | 'name' | 'input' | 'problem'>;

/** The goal and the approved plan. Every turn begins with them. */
export interface Assignment {
  goal: string;
  plan: Plan;
  /** All approvers, and the note of the only one; empty where there are several, or no note. */
  approval: { by: string; note: string };
}

/** Tools that run on the model's side. People can't approve their single calls. */
export const SERVER_TOOLS = ['web_search', 'code_execution'] as const;
export type ServerTool = (typeof SERVER_TOOLS)[number];

/** Request for one turn. `exchanges` holds the messages after the assignment. */
export interface TurnRequest extends Assignment {
  /** The thread in which the goal was given. */
  thread?: ThreadContext;
  exchanges: Exchange[];
  tools: ToolSpec[];
  serverTools: ServerTool[];
}

/** Wraps the answer to a tool call for the model. */
export function resultBlock(callId: string, content: ContentBlock[], isError: boolean): ContentBlock {
  return { type: 'tool_result', tool_use_id: callId, content, ...(isError && { is_error: true }) };
}

export function textBlock(text: string): ContentBlock {
  return { type: 'text', text: text === '' ? ' ' : text };
}
