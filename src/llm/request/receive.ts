import Anthropic from '@anthropic-ai/sdk';
import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream';
import { Stream } from '@anthropic-ai/sdk/streaming';
import { parseExactly } from '../../platform/exact-json.js';
import { type ReadInput, readInput } from '../content/exact-input.js';

export type Message = Anthropic.Message;

/** A message whose calls have exact arguments. `problems`: reasons why calls can't be made as they were written, by their places in the content. */
export interface Received {
  message: Message;
  problems: ReadonlyMap<number, string>;
}

/** Body of an answer that isn't streamed. An error may come with status 200. */
type Body = Message | { type: 'error'; error?: { type?: string; message?: string } };

/** Receives a whole answer: streamed, or in one piece. `onPart`: a part of the answer came. */
export async function receive(
  client: Anthropic,
  response: Response,
  abort: AbortController,
  onPart: () => void,
): Promise<Received> {
  if (response.headers.get('content-type')?.includes('json')) {
    onPart();
    return await receiveBody(response);
  }
  const events = Stream.fromSSEResponse<Anthropic.RawMessageStreamEvent>(response, abort, client);
  const stream = MessageStream.fromReadableStream(events.toReadableStream());
  stream.on('streamEvent', onPart);
  // The SDK's own parse rounds long integers, so the arguments are gathered as text.
  const texts = new Map<number, string>();
  // The SDK's stable stream leaves it out.
  let report: unknown;
  stream.on('streamEvent', (event) => {
    if (event.type === 'message_delta')
      report = (event as { context_management?: unknown }).context_management;
    if (event.type !== 'content_block_delta' || event.delta.type !== 'input_json_delta') return;
    texts.set(event.index, (texts.get(event.index) ?? '') + event.delta.partial_json);
  });
  const message = Object.assign(await stream.finalMessage(), report ? { context_management: report } : {});
  return withExactInputs(message, (block, index) => {
    const text = texts.get(index);
    if (text) return parseInput(text);
    // An endpoint that sends arguments whole: their digits are lost already, so the model must not see them again.
    const whole = parseInput(JSON.stringify(block.input ?? {}));
    return whole.problem ? { input: {}, problem: DIGITS_LOST } : whole;
  });
}

const DIGITS_LOST =
  "The call was not made, and nobody was asked about it: it has a number that JSON doesn't carry exactly everywhere. Send it as a string.";

async function receiveBody(response: Response): Promise<Received> {
  const { exact, rounded } = parseExactly(await response.text());
  const body = rounded as Body;
  if (body.type === 'error') throw new Anthropic.APIError(undefined, body, undefined, response.headers);
  const inputs = ((exact as Message).content ?? []).map((block) => ('input' in block ? block.input : {}));
  return withExactInputs(body, ({ input }, index) => readInput({ exact: inputs[index], rounded: input }));
}

function withExactInputs(
  message: Message,
  read: (block: Anthropic.ToolUseBlock, index: number) => ReadInput,
): Received {
  const problems = new Map<number, string>();
  const content = (message.content ?? []).map((block, index) => {
    if (block.type !== 'tool_use') return block;
    const { input, problem } = read(block, index);
    if (problem) problems.set(index, problem);
    // The SDK's getter would parse invalid JSON, and throw.
    return Object.defineProperty(block, 'input', { value: input, enumerable: true });
  });
  return { message: { ...message, content }, problems };
}

/** Reads arguments from their JSON. An answer that was cut off may hold invalid JSON. */
function parseInput(json: string): ReadInput {
  try {
    return readInput(parseExactly(json));
  } catch {
    return { input: {}, problem: 'The call was not made: its arguments are no valid JSON. Make it again.' };
  }
}
