import { MANY_TOOLS } from '../run/execution/find-tools.js';
import type { ToolSpec } from '../run/execution/tools.js';

/** Characters of a schema in one token, about: 246 KB of schemas are some 60,000 tokens. */
const CHARS_PER_TOKEN = 4;

/** Estimates how many tokens a model reads for tools. */
function tokensOf(tools: readonly ToolSpec[]): number {
  const sent = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  return tools.length === 0 ? 0 : JSON.stringify(sent).length / CHARS_PER_TOKEN;
}

/** Describes what tools cost: "201 tools, about 61,000 tokens". */
export function describeCost(tools: readonly ToolSpec[]): string {
  const tokens = Number(tokensOf(tools).toPrecision(2)).toLocaleString('en-US', { maximumFractionDigits: 0 });
  return `${tools.length} ${tools.length === 1 ? 'tool' : 'tools'}${tools.length > 0 ? `, about ${tokens} tokens` : ''}`;
}

/** Says how the tools of all servers reach the model; undefined where they are few. */
export function describeSearch(tools: readonly ToolSpec[]): string | undefined {
  if (tools.length <= MANY_TOOLS) return undefined;
  return `The servers have ${describeCost(tools)}. Above ${MANY_TOOLS} tools, the model finds those that it needs by search, and reads no others`;
}
