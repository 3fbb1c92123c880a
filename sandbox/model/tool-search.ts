import { createHash } from 'node:crypto';
import type { Block } from './blocks.js';
import { wishOf } from './goal.js';
import { customTools, type MessagesRequest, type OfferedTool, type Part, partsOf } from './request.js';

/** Results of one search, as the API gives by default. */
const LIMIT = 5;

/** Names of the tools that searches of the API have found so far. */
export function foundNames({ messages }: MessagesRequest): Set<string> {
  return new Set(messages.flatMap(partsOf).flatMap(referencesIn));
}

/** Names in a part's references to tools. */
export function referencesIn(part: Part): string[] {
  const { content } = part as { content?: unknown };
  const { tool_references } = (content ?? {}) as { tool_references?: unknown };
  const references = Array.isArray(tool_references) ? tool_references : Array.isArray(content) ? content : [];
  return references.flatMap(({ type, tool_name }) => (type === 'tool_reference' ? [String(tool_name)] : []));
}

/** Tools that the model sees: those that are not deferred, and those that it has found. */
export function visibleTools(body: MessagesRequest): OfferedTool[] {
  const found = foundNames(body);
  return customTools(body).filter(({ name, defer_loading }) => defer_loading !== true || found.has(name));
}

/** A search for the tools that a goal needs and the model doesn't see: of the API, with its result, or a call of `find_tools`. */
export function searchFor(body: MessagesRequest, goal: string): Block[] {
  const { todos, parallel } = wishOf(goal);
  const isSeen = visibleTools(body).some(({ name }) => name.endsWith('__list_todos'));
  if (isSeen || !(todos || parallel)) return [];
  const query = 'list add complete remove todos';
  const id = createHash('sha256').update(JSON.stringify(body.messages)).digest('hex').slice(0, 20);
  if (body.tools?.some(({ type }) => type?.startsWith('tool_search_tool_bm25'))) {
    const tool_references = searched(body, query).map(({ name }) => ({
      type: 'tool_reference',
      tool_name: name,
    }));
    const name = 'tool_search_tool_bm25';
    const content = { type: 'tool_search_tool_search_result', tool_references };
    return [
      { type: 'server_tool_use', id: `srvtoolu_${id}`, name, input: { query } },
      { type: 'tool_search_tool_result', tool_use_id: `srvtoolu_${id}`, content },
    ];
  }
  const wasAsked = body.messages.flatMap(partsOf).some(({ name }) => name === 'find_tools');
  if (wasAsked || !visibleTools(body).some(({ name }) => name === 'find_tools')) return [];
  return [{ type: 'tool_use', id: `toolu_${id}`, name: 'find_tools', input: { query } }];
}

/** Deferred tools with the most of a query's words in their names, descriptions and arguments. */
function searched(body: MessagesRequest, query: string): OfferedTool[] {
  const words = query.split(' ');
  const scored = customTools(body)
    .filter(({ defer_loading }) => defer_loading === true)
    .map((tool) => {
      const text = JSON.stringify(tool).toLowerCase();
      return { tool, score: words.filter((word) => text.includes(word)).length };
    });
  const best = scored.filter(({ score }) => score > 0).toSorted((one, other) => other.score - one.score);
  return best.slice(0, LIMIT).map(({ tool }) => tool);
}
