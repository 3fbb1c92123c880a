/** A question that a tool puts to people while its call is under way (MCP's elicitation). */
export interface ToolQuestion {
  text: string;
  /** Answers to choose from. */
  options: string[];
  /** True if people may answer in their own words. */
  freeText: boolean;
}

/** A question as it goes to the run: with the id of its call, and with a name of the attempt that asks. */
export interface SentQuestion extends ToolQuestion {
  call: string;
  attempt: string;
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

/** Limits for a question, in characters and options. */
const MAX_TEXT = 10_000;
const MAX_OPTIONS = 40;

/** Reads a question that was sent to a run; undefined when it is none. */
export function readToolQuestion(payload: unknown): SentQuestion | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { call, attempt, text, options, freeText } = payload as Record<string, unknown>;
  if (typeof call !== 'string' || typeof attempt !== 'string') return undefined;
  if (typeof text !== 'string' || typeof freeText !== 'boolean') return undefined;
  const isOptions = Array.isArray(options) && options.every((option) => typeof option === 'string');
  if (!isOptions || options.length > MAX_OPTIONS || text.length > MAX_TEXT) return undefined;
  return { call, attempt, text, options, freeText };
}
