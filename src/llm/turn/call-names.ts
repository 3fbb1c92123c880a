import { cut } from '../../platform/cut.js';
import type { Exchange } from '../../run/execution/conversation.js';
import type { ContentBlock } from '../../run/execution/tools.js';

/** Limit for the name of a called tool, in characters. Source: the API's pattern for it. */
const MAX_NAME = 128;

/**
 * Gives each call of an answer an id of its own, and a name that the API takes. Endpoints may count their calls anew in each turn, and models
 * make up names; the API refuses every later request with such a call.
 *
 * @param exchanges The conversation before the answer.
 */
export function nameCalls(content: readonly ContentBlock[], exchanges: readonly Exchange[]): ContentBlock[] {
  const calls = exchanges.flatMap((exchange) => exchange.content).filter(({ type }) => type === 'tool_use');
  const taken = new Set(calls.map(({ id }) => String(id)));
  return content.map((block) => {
    if (block.type !== 'tool_use') return block;
    const id = freeId(toPlain(block.id) || 'call', taken);
    taken.add(id);
    return { ...block, id, name: cut(toPlain(block.name), MAX_NAME) || 'unnamed' };
  });
}

function toPlain(text: unknown): string {
  return typeof text === 'string' ? text.replaceAll(/[^a-zA-Z0-9_-]/g, '_') : '';
}

/** Answers are kept in an object by the ids of their calls, so a name that every object has is taken. */
function freeId(plain: string, taken: ReadonlySet<string>): string {
  const isTaken = (id: string) => taken.has(id) || id in {};
  let id = plain;
  for (let count = 2; isTaken(id); count += 1) id = `${plain}_${count}`;
  return id;
}
