import type Anthropic from '@anthropic-ai/sdk';
import { clip } from '../../platform/cut.js';

type Tool = Anthropic.ToolUnion;

/** Limit for the API's words about a tool, in characters. */
const MAX_REASON = 200;
/** Words about something of ours in a tool's entry, not about the tool. */
const OUR_FIELDS = /cache_control|defer_loading/i;

/** Finds the tool that a refusal names by its place in the request, as in `tools.3.custom.input_schema: …` or `tools[3]…`. */
export function findNamedTool(said: string, tools: readonly Tool[] = []): Tool | undefined {
  if (OUR_FIELDS.test(said)) return undefined;
  const place = /\btools(?:\.(\d+)\b|\[(\d+)\])/.exec(said);
  return place ? tools[Number(place[1] ?? place[2])] : undefined;
}

/** True for a tool that we run; the API runs the others. */
export function isOurs({ type }: Tool): boolean {
  return type === undefined || type === null || type === 'custom';
}

/** Reason for which a tool is left out, in the API's words. */
export function reasonFor(said: string): string {
  return `the model's API refuses it: ${clip(said.trim(), MAX_REASON)}`;
}
