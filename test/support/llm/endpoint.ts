import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createModel, type ModelSettings } from '../../../src/llm/index.js';

/** A request to the Messages API, as far as tests look at it. */
export interface Asked {
  system?: unknown;
  messages: { role: string; content: string | { type: string; [key: string]: unknown }[] }[];
  tools?: { name: string; type?: string; [key: string]: unknown }[];
  max_tokens?: number;
  output_config?: unknown;
}

/** An answer of an endpoint. A text is sent as it is; `events` are sent as a stream. */
type Said =
  | { status?: number; body: object | string; headers?: Record<string, string> }
  | { events: { type: string }[] };

/** An endpoint that speaks the Messages API, and answers each request with what `answer` says. */
export async function withEndpoint(
  answer: (body: Asked, count: number) => Said,
  test: (model: ReturnType<typeof createModel>, requests: Asked[]) => Promise<void>,
  { model = 'local', ...own }: Partial<Omit<ModelSettings, 'apiKey' | 'baseURL'>> = {},
): Promise<void> {
  const requests: Asked[] = [];
  const listener: RequestListener = async (request, response) => {
    if (request.url !== '/v1/messages') {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    const body: Asked = JSON.parse(Buffer.concat(await request.toArray()).toString());
    requests.push(body);
    const said = answer(body, requests.length);
    if ('events' in said) {
      const lines = said.events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(lines.join(''));
      return;
    }
    const { status = 200, body: given, headers } = said;
    const answered = typeof given === 'string' ? given : JSON.stringify(given);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(answered);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await test(createModel({ apiKey: 'any', baseURL, model, ...own }), requests);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** An error as the API words it. */
export function badRequest(message: string, status = 400): { status: number; body: object } {
  return { status, body: { type: 'error', error: { type: 'invalid_request_error', message } } };
}
