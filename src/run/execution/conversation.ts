import type { Plan, Source, Usage } from '../plan.js';
import type { ThreadContext } from '../thread.js';
import type { Container, ContextEdits } from './context.js';
import type { ContentBlock, ToolCall, ToolSpec } from './tools.js';

/** One message of an execution's conversation, in the Messages API's format. */
export interface Exchange {
  role: 'user' | 'assistant';
  content: ContentBlock[];
}

/**
 * End of a turn. `done`: the model is finished. `calls`: it asks for tool calls. `paused`: its server tools ran long; sending its answer
 * back continues it. `cut`: the answer reached the token limit. `full`: the conversation exceeds the context, and can't be shortened. `refused`: the model
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
  /** Edits of the exchanges that this turn was taken with. */
  edits?: ContextEdits;
  container?: Container;
  /** Set when the first model refused, so that the fallback model took the turn. */
  useFallback?: true;
  /** Words for people on what happened beside the turn. */
  notes?: string[];
  /** Reason of a refusal, and what helps. */
  refusal?: string;
}

/** A turn before its calls are read. The calls still hold the metadata that `addCallMetadata` asks for. */
export type ModelTurn = Omit<Turn, 'calls'> & { calls: ModelCall[] };

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
  /** Container of the model's code, from an earlier turn. */
  container?: Container;
  /** Set once the first model has refused: the fallback model goes on. */
  useFallback?: boolean;
}

/** Wraps the answer to a tool call for the model. */
export function resultBlock(callId: string, content: ContentBlock[], isError: boolean): ContentBlock {
  return { type: 'tool_result', tool_use_id: callId, content, ...(isError && { is_error: true }) };
}

export function textBlock(text: string): ContentBlock {
  return { type: 'text', text: text === '' ? ' ' : text };
}
