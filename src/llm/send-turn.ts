import type Anthropic from '@anthropic-ai/sdk';
import type { TurnRequest } from '../run/execution/conversation.js';
import { TOOL_SEARCH } from './many-tools.js';
import { sendLeniently } from './send.js';
import { draftTurn } from './turn-request.js';

/** Sends turns, and remembers if the endpoint has a search for tools. */
export function createTurnSender(client: Anthropic, model: string) {
  let hasToolSearch = true;
  const send = (input: TurnRequest, signal?: AbortSignal) =>
    sendLeniently(client, draftTurn(model, input, hasToolSearch), signal);

  /** @throws RemoteError */
  return async (input: TurnRequest, signal?: AbortSignal) => {
    const received = await send(input, signal);
    // An endpoint that takes the search for one of our tools would have us answer it.
    const isOurs = received.message.content?.some(
      (block) => block.type === 'tool_use' && block.name === TOOL_SEARCH.name,
    );
    if (isOurs || received.without.has('tool_search')) hasToolSearch = false;
    return isOurs ? await send(input, signal) : received;
  };
}
