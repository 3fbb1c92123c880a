/** A question that a tool puts to people while its call is under way (MCP's elicitation). */
export interface ToolQuestion {
  text: string;
  /** Answers to choose from. */
  options: string[];
  /** True if people may answer in their own words. */
  freeText: boolean;
}

/** `option`: index of the chosen answer; unset for an answer in one's own words. `unanswered`: nobody answered in time, or nobody could be asked. */
export type ToolAnswer =
  | { kind: 'answered'; option?: number; text: string }
  | { kind: 'declined' }
  | { kind: 'unanswered' };

/** Name of the workflow's update that puts a tool's question to people. */
export const TOOL_ASKS = 'toolAsks';

/** Longest wait for one answer, in milliseconds. The call waits as long, and a crash of the service ends it. */
export const ANSWER_WITHIN_MS = 30 * 60_000;
/** Longest time in which one call may ask people, in milliseconds. */
export const ASK_WITHIN_MS = 2 * ANSWER_WITHIN_MS;

/** Limits for a question, in characters, options and characters of an option: it becomes part of the run's history. */
const MAX_TEXT = 10_000;
const MAX_OPTIONS = 40;
const MAX_LABEL = 1_000;

/** Reads a question and the id of the call that asks; undefined when it is none. */
export function readToolQuestion(payload: unknown): (ToolQuestion & { call: string }) | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { call, text, options, freeText } = payload as Record<string, unknown>;
  if (typeof call !== 'string' || typeof text !== 'string' || typeof freeText !== 'boolean') return undefined;
  const isOption = (option: unknown) => typeof option === 'string' && option.length <= MAX_LABEL;
  const isOptions = Array.isArray(options) && options.every(isOption);
  if (!isOptions || options.length > MAX_OPTIONS || text.length > MAX_TEXT) return undefined;
  return { call, text, options, freeText };
}
