import Anthropic from '@anthropic-ai/sdk';

type Tool = Anthropic.ToolUnion;

/** Limit for the API's words about a tool, in characters. */
const MAX_REASON = 200;
/** Words about something of ours in a tool's entry, not about the tool. */
const OUR_FIELDS = /cache_control|defer_loading/i;

/** A gateway may answer 500 to a type of tool that it doesn't know. Source: litellm#10664. */
const UNKNOWN_TYPE = /unsupported tool|unknown tool type/i;

/** The API's words in a refusal of a request; empty for any other error. */
export function refusalIn(error: unknown): string {
  if (!(error instanceof Anthropic.APIError)) return '';
  const said = error.apiMessage ?? error.message;
  return error.status === 400 || error.status === 422 || UNKNOWN_TYPE.test(said) ? said : '';
}

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
  const reason = said.trim();
  const short = reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON).trimEnd()}…` : reason;
  return `the model's API refuses it: ${short}`;
}
