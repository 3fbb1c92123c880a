import { cut } from '../../platform/cut.js';
import { type ToolResult, textOf } from './tools.js';

/** End of a tool call, as its last heartbeat tells it: known even where the answer itself is lost on its way. */
export interface CallEnd {
  isError: boolean;
  /** Beginning of the answer. */
  text: string;
}

/** Details of a heartbeat: the number of the attempt, from 1, or the attempt and the end of its call. */
export type Beat = number | { attempt: number; end: CallEnd };

/** Limit for the kept beginning of an answer, in characters. Each heartbeat is small. */
const KEPT_CHARS = 2_000;

export function callEnd(result: ToolResult): CallEnd {
  return { isError: result.isError, text: cut(textOf(result), KEPT_CHARS) };
}

/** Reads the details of a call's last heartbeat. A worker that died before its first one left none: then no attempt is counted. */
export function readBeat(details: unknown): { attempt: number; end?: CallEnd } {
  const { attempt = details, end } = { ...(details as Exclude<Beat, number> | null | undefined) };
  const known = typeof attempt === 'number' && attempt >= 1 ? attempt : 1;
  return { attempt: known, ...(end && { end }) };
}
