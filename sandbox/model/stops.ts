import { createHash } from 'node:crypto';
import type { Block, Message } from './blocks.js';
import type { MessagesRequest } from './request.js';
import { thinkingFor } from './thinking.js';

/** Stop reasons that cut an answer. */
export const CUT = new Set(['max_tokens', 'model_context_window_exceeded']);

/** Changes a message as if it stopped for this reason. A cut message's last call has an incomplete input when it is sent. */
export function stopped(
  message: Message,
  reason: string,
  body: MessagesRequest,
  details: RefusalDetails = {},
): Message {
  const refusal = { type: 'refusal', category: null, explanation: null, ...details };
  const stop_details = reason === 'refusal' ? refusal : null;
  return { ...message, ...STOPS[reason]?.(message, body), stop_reason: reason, stop_details };
}

/** Category and words of a refusal. */
export interface RefusalDetails {
  category?: string;
  explanation?: string;
}

/** The message of a model that thinks for so many tokens first. When they reach the request's limit, nothing else is written. */
export function afterThinking(message: Message, tokens: number, body: MessagesRequest): Message {
  const usage = { ...message.usage, output_tokens: message.usage.output_tokens + tokens };
  if (tokens < body.max_tokens) return { ...message, usage };
  const content = [thinkingFor(body)];
  usage.output_tokens = body.max_tokens;
  return { ...message, content, usage, stop_reason: 'max_tokens' };
}

const STOPS: Record<string, (message: Message, body: MessagesRequest) => Partial<Message>> = {
  max_tokens: halved,
  model_context_window_exceeded: halved,
  refusal: () => ({ content: [] }),
  pause_turn: (_, body) => ({ content: paused(body) }),
};

function halved({ content }: Message): Partial<Message> {
  const last = content.at(-1);
  if (last?.type !== 'text') return {};
  const text = last.text.slice(0, Math.ceil(last.text.length / 2));
  return { content: [...content.slice(0, -1), { ...last, text }] };
}

/** Content of a turn that is paused in a search, if the model has one. */
function paused({ tools = [], messages }: MessagesRequest): Block[] {
  const text: Block = { type: 'text', text: 'I look something up first.' };
  if (!tools.some(({ name }) => name === 'web_search')) return [text];
  const id = `srvtoolu_${createHash('sha256').update(JSON.stringify(messages)).digest('hex').slice(0, 20)}`;
  return [text, { type: 'server_tool_use', id, name: 'web_search', input: { query: 'what is new' } }];
}
