import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Block, Message } from './blocks.js';
import { CUT } from './stops.js';

/** Length of a streamed piece of text or of a call's input, in characters. */
const PIECE = 160;

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': 'req_simulated',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

export function sendEvent(response: ServerResponse, event: string, data: object): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** Starts a stream with an empty message, and the start of its first text. */
export async function startStream(response: ServerResponse): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'request-id': 'req_simulated',
  });
  const message = {
    id: 'msg_simulated',
    type: 'message',
    role: 'assistant',
    model: 'simulated',
    content: [],
  };
  const usage = { input_tokens: 1, output_tokens: 1 };
  sendEvent(response, 'message_start', {
    type: 'message_start',
    message: { ...message, stop_reason: null, stop_sequence: null, usage },
  });
  sendEvent(response, 'content_block_start', {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'text', text: '' },
  });
  // The client must read the beginning before a fault breaks the stream.
  await delay(20);
}

/** Streams a message like the API: start, ping, each block with its deltas, stop reason, stop. */
export async function sendStream(
  response: ServerResponse,
  message: Message,
  latencyMs: number,
): Promise<void> {
  const { container, context_management, ...known } = message;
  const { content, stop_reason, stop_details, usage } = known;
  const cut = CUT.has(stop_reason) ? content.length - 1 : undefined;
  const steps = content.map((block, index) => eventsOf(block, index, index === cut));
  const count = steps.reduce((sum, events) => sum + events.length, 0);
  const pauseMs = latencyMs / Math.max(1, count);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'request-id': 'req_simulated',
  });
  const start = { ...known, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  sendEvent(response, 'message_start', { type: 'message_start', message: start });
  sendEvent(response, 'ping', { type: 'ping' });
  for (const [type, data] of steps.flat()) {
    if (pauseMs >= 1) await delay(pauseMs);
    if (response.destroyed) return;
    sendEvent(response, type, { type, ...data });
  }
  sendEvent(response, 'message_delta', {
    type: 'message_delta',
    delta: { stop_reason, stop_sequence: null, stop_details, ...(container && { container }) },
    ...(context_management && { context_management }),
    usage: { output_tokens: usage.output_tokens, server_tool_use: usage.server_tool_use },
  });
  sendEvent(response, 'message_stop', { type: 'message_stop' });
  response.end();
}

/** Stream events of a block. `cut`: the answer ends inside this block. */
function eventsOf(block: Block, index: number, cut: boolean): [string, object][] {
  const stop: [string, object] = ['content_block_stop', { index }];
  const delta = (data: object): [string, object] => ['content_block_delta', { index, delta: data }];
  if (block.type === 'text') {
    return [
      [
        'content_block_start',
        { index, content_block: { type: 'text', text: '', ...(block.citations && { citations: [] }) } },
      ],
      ...(block.citations ?? []).map((citation) => delta({ type: 'citations_delta', citation })),
      ...piecesOf(block.text).map((text) => delta({ type: 'text_delta', text })),
      stop,
    ];
  }
  if (block.type === 'thinking') {
    const { signature } = block;
    return [
      ['content_block_start', { index, content_block: { ...block, signature: '' } }],
      delta({ type: 'signature_delta', signature }),
      stop,
    ];
  }
  if (block.type === 'server_tool_use' || block.type === 'tool_use') {
    const json = JSON.stringify(block.input);
    const sent = cut ? json.slice(0, Math.ceil(json.length / 2)) : json;
    return [
      ['content_block_start', { index, content_block: { ...block, input: {} } }],
      ...piecesOf(sent).map((partial_json) => delta({ type: 'input_json_delta', partial_json })),
      stop,
    ];
  }
  return [['content_block_start', { index, content_block: block }], stop];
}

function piecesOf(text: string): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${PIECE}}`, 'g')) ?? [];
}

/** An error in the API's format. */
export function errorBody(type: string, message: string, code?: string) {
  const details = code === undefined ? {} : { details: { error_code: code } };
  return { type: 'error', error: { type, message, ...details }, request_id: 'req_simulated' };
}
