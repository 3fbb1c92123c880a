import { createHash } from 'node:crypto';
import { badRequest, type MessagesRequest, type Part, partsOf } from './request.js';

/** A thinking block of newer models: no text, and a signature over the system prompt, the tools and all earlier messages, without cache marks. */
export function thinkingFor(body: MessagesRequest): {
  type: 'thinking';
  thinking: string;
  signature: string;
} {
  return { type: 'thinking', thinking: '', signature: signature(body, body.messages.flatMap(partsOf)) };
}

/** Checks the thinking blocks. @throws RequestError when something before a block has changed. */
export function checkThinking(body: MessagesRequest): void {
  const before: Part[] = [];
  body.messages.forEach((message, at) => {
    partsOf(message).forEach((part, position) => {
      if (part.type === 'thinking') {
        const where = `messages.${at}.content.${position}`;
        if (part.cache_control) {
          throw badRequest(`${where}.thinking.cache_control: Extra inputs are not permitted`);
        }
        if (part.signature !== signature(body, before)) {
          throw badRequest(
            `${where}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation. Remove the block.`,
          );
        }
      }
      before.push(part);
    });
  });
}

function signature({ model, system, tools }: MessagesRequest, before: readonly Part[]): string {
  const bound = [
    model,
    typeof system === 'string' ? [{ type: 'text', text: system }] : system,
    tools,
    before,
  ];
  const json = JSON.stringify(bound, (key, value) => (key === 'cache_control' ? undefined : sorted(value)));
  return createHash('sha256').update(json).digest('base64');
}

/** Sorts keys, so that a conversation that was stored in between keeps its signature. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
