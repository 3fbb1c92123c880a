import { deserializeMessage, ReadBuffer } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { quoteInexactNumbers } from '../../platform/exact-json.js';

/** Reads a server's lines as the SDK does, but keeps long integers of structured answers exact. */
export class ExactReadBuffer extends ReadBuffer {
  override readMessage(): JSONRPCMessage | null {
    const held: Buffer | undefined = Reflect.get(this, '_buffer');
    const end = held?.indexOf('\n') ?? -1;
    if (!held || end < 0) return null;
    Reflect.set(this, '_buffer', held.subarray(end + 1));
    return deserializeMessage(keepDigits(held.toString('utf8', 0, end).replace(/\r$/, '')));
  }
}

/** Keeps long integers of a structured answer exact, in JSON or in a stream of events. */
export async function withExactAnswer(response: Response): Promise<Response> {
  const { status, statusText, headers, body } = response;
  const type = headers.get('content-type') ?? '';
  if (!body) return response;
  if (type.includes('text/event-stream'))
    return new Response(ReadableStream.from(keepDigitsOfEvents(body)), { status, statusText, headers });
  if (!type.includes('json')) return response;
  return new Response(keepDigits(await response.text()), { status, statusText, headers });
}

async function* keepDigitsOfEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  const keep = (lines: string) =>
    Buffer.from(lines.replaceAll(/^data:[^\r\n]*/gm, (line) => `data:${keepDigits(line.slice(5))}`));
  let rest = '';
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    if (end > 0) yield keep(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  }
  if (rest !== '') yield keep(rest);
}

/**
 * Turns integers beyond 2^53 of a structured answer into texts, which reach the model with all their digits. Other messages stay as they
 * are: a schema may have such a number as a limit.
 */
function keepDigits(json: string): string {
  const quoted = json.includes('"structuredContent"') ? quoteInexactNumbers(json) : json;
  if (quoted === json) return json;
  try {
    const messages: unknown[] = [JSON.parse(json)].flat();
    return messages.some(isStructured) ? quoted : json;
  } catch {
    return json;
  }
}

function isStructured(message: unknown): boolean {
  const { result } = { ...(message as { result?: unknown } | null) };
  return typeof result === 'object' && result !== null && 'structuredContent' in result;
}
