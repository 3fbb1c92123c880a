import type Anthropic from '@anthropic-ai/sdk';
import type { Exchange } from '../../run/execution/conversation.js';
import { FIND_TOOLS, foundTools, isOfServer, referencesIn } from '../../run/execution/find-tools.js';
import type { ContentBlock, ToolSpec } from '../../run/execution/tools.js';
import { NOTHING } from '../content/messages.js';

/** The API's own search. With it the API gets all tools, and the model sees those that it finds. */
export const TOOL_SEARCH = {
  type: 'tool_search_tool_bm25_20251119',
  name: 'tool_search_tool_bm25',
} as const satisfies Anthropic.ToolUnion;

type Shown = { tools: ToolSpec[]; exchanges: readonly Exchange[] };

/** Tools of a turn where there are many, and the API has no search: `find_tools`, and what it has found. */
export function shownTools({ tools, exchanges }: Shown): ToolSpec[] {
  const others = tools.filter((tool) => !isOfServer(tool));
  return [...others, FIND_TOOLS, ...foundTools(tools, exchanges)];
}

/** Part of the system prompt for a turn that doesn't show all tools: how many there are, of which servers. */
export function manyToolsText(tools: readonly ToolSpec[]): string {
  const counts = new Map<string, number>();
  for (const { name } of tools.filter(isOfServer)) {
    const server = name.slice(0, name.indexOf('__'));
    counts.set(server, (counts.get(server) ?? 0) + 1);
  }
  const servers = [...counts].map(([server, count]) => `${server} (${count})`).join(', ');
  return `\nMost tools are not shown. There are tools of these servers: ${servers}. Search for the tools that a step needs, by what they do, before you say that something can't be done.`;
}

/** Keeps the references to tools that a request has. The API refuses a request with any other reference. */
export function withKnownReferences(messages: readonly Exchange[], names: ReadonlySet<string>): Exchange[] {
  return mapResults(messages, (block) => {
    if (referencesIn(block.content).length === 0) return block;
    const { tool_references: found, ...rest } = block.content as { tool_references: ContentBlock[] };
    const known = found.filter(({ tool_name }) => names.has(String(tool_name)));
    return { ...block, content: { ...rest, tool_references: known } };
  });
}

/** Turns searches of the API into text, for a request without its search. */
export function withoutToolSearch(messages: readonly Exchange[]): Exchange[] {
  const told = mapResults(messages, (block) => {
    const names = referencesIn(block.content).join(', ');
    return { type: 'text', text: `(A search found these tools: ${names || 'none'}.)` };
  });
  return told.map(({ role, content }) => {
    const rest = content.filter(
      ({ type, name }) => type !== 'server_tool_use' || !String(name).startsWith('tool_search_tool'),
    );
    return { role, content: rest.length > 0 ? rest : [NOTHING] };
  });
}

function mapResults(
  messages: readonly Exchange[],
  change: (block: ContentBlock) => ContentBlock,
): Exchange[] {
  return messages.map(({ role, content }) => ({
    role,
    content: content.map((block) => (block.type === 'tool_search_tool_result' ? change(block) : block)),
  }));
}
