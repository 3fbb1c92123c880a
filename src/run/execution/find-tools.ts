import { cut } from '../../platform/cut.js';
import type { Exchange } from './conversation.js';
import type { ToolSpec } from './tools.js';

/** With more tools of servers than that, the model finds them by search: their schemas would fill its context, and it would choose worse. */
export const MANY_TOOLS = 40;
/** Limits for the tools of one search, and for the description of each in characters. */
const MAX_FOUND = 10;
const MAX_DESCRIPTION = 200;
/** Worth of a word in a tool's name, against one in its description or arguments. */
const NAME_WORTH = 3;

/** Finds tools for the model, where its API has no tool search. */
export const FIND_TOOLS: ToolSpec = {
  name: 'find_tools',
  description:
    'Searches the tools that are not shown, by words of their names, descriptions and arguments. What it finds can be called from the next turn on.',
  inputSchema: {
    type: 'object',
    properties: {
      query: { type: 'string', description: 'Words for what is to be done and to what, in English.' },
    },
    required: ['query'],
  },
  readOnly: true,
};

/** True for a tool of a server. The others are few, and always shown. */
export function isOfServer({ name }: Pick<ToolSpec, 'name'>): boolean {
  return name.includes('__');
}

export function areMany(tools: readonly ToolSpec[]): boolean {
  return tools.filter(isOfServer).length > MANY_TOOLS;
}

/** Answers a call of `find_tools`. */
export function answerSearch(tools: readonly ToolSpec[], { query }: Record<string, unknown>): string {
  if (typeof query !== 'string' || query.trim() === '') return 'find_tools takes a query.';
  const found = search(tools.filter(isOfServer), query);
  if (found.length === 0) return 'No tool matches. Search with other words.';
  const lines = found.slice(0, MAX_FOUND).map((tool) => `- ${lineOf(tool, MAX_DESCRIPTION)}`);
  const more = found.length - lines.length;
  return `${lines.join('\n')}${more > 0 ? `\n${more} more match: name what you need more exactly to see them.` : ''}`;
}

const LINE_BREAK = /[\n\r\v\f\u0085\u2028\u2029]/;

/** A tool in one line: its name, whether it may change something, and the beginning of its description. */
export function lineOf({ name, description, readOnly }: ToolSpec, maxDescription: number): string {
  // A further line could look like the entry of another tool.
  const first = description.trim().split(LINE_BREAK)[0]?.trim() ?? '';
  const start = cut(first, maxDescription).trim();
  return `${name} (${readOnly ? 'only reads' : 'may change something'})${start && `: ${start}`}`;
}

/** Tools that searches of a conversation have found, or that were called in it. */
export function foundTools(tools: readonly ToolSpec[], exchanges: readonly Exchange[]): ToolSpec[] {
  const names = new Set<string>();
  const searches = new Set<unknown>();
  for (const { type, id, name, tool_use_id, content } of exchanges.flatMap((exchange) => exchange.content)) {
    if (type === 'tool_use') names.add(String(name));
    if (type === 'tool_use' && name === FIND_TOOLS.name) searches.add(id);
    // Searches of the API, from turns whose model had them.
    if (type === 'tool_search_tool_result') for (const known of referencesIn(content)) names.add(known);
    if (type !== 'tool_result' || !searches.has(tool_use_id)) continue;
    for (const [, found = ''] of JSON.stringify(content).matchAll(/(?:"|\\n)- ([\w-]+) \(/g))
      names.add(found);
  }
  return tools.filter((tool) => isOfServer(tool) && names.has(tool.name));
}

/** Names in the result of the API's search for tools; none where it failed. */
export function referencesIn(content: unknown): string[] {
  const { tool_references: references } = { ...(content as { tool_references?: unknown } | null) };
  return (Array.isArray(references) ? references : []).map(({ tool_name }) => String(tool_name));
}

/** Tools that match a query, best first: by BM25's weights for rare words, without its lengths. */
function search(tools: readonly ToolSpec[], query: string): ToolSpec[] {
  const indexed = tools.map((tool) => ({
    tool,
    name: wordsOf(tool.name),
    rest: wordsOf(`${tool.description} ${JSON.stringify(tool.inputSchema.properties ?? {})}`),
  }));
  const wanted = [...wordsOf(query)].map((word) => {
    const has = (words: ReadonlySet<string>) => words.has(word);
    const count = indexed.filter(({ name, rest }) => has(name) || has(rest)).length;
    return { has, weight: Math.log(1 + (indexed.length - count + 0.5) / (count + 0.5)) };
  });
  const scored = indexed.map(({ tool, name, rest }) => {
    const worth = wanted.map(({ has, weight }) => weight * (has(name) ? NAME_WORTH : has(rest) ? 1 : 0));
    return { tool, score: worth.reduce((sum, part) => sum + part, 0) };
  });
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .map(({ tool }) => tool);
}

/** Words in small letters, without a plural's ending; `createIssue` is two. */
function wordsOf(text: string): ReadonlySet<string> {
  const apart = text.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase();
  return new Set((apart.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.replace(/(?<=\w{3})s$/, '')));
}
