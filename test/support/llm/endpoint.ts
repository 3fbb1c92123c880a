import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createModel } from '../../../src/llm/index.js';

/** A request to the Messages API, as far as tests look at it. */
export interface Asked {
  system?: unknown;
  messages: { role: string; content: string | { type: string; [key: string]: unknown }[] }[];
  tools?: { name: string; type?: string; [key: string]: unknown }[];
  output_config?: unknown;
}

/** An endpoint that speaks the Messages API without a stream, and answers each request with what `answer` says. */
export async function withEndpoint(
  answer: (body: Asked, count: number) => { status?: number; body: object },
  test: (model: ReturnType<typeof createModel>, requests: Asked[]) => Promise<void>,
  model = 'local',
): Promise<void> {
  const requests: Asked[] = [];
  const listener: RequestListener = async (request, response) => {
    const body: Asked = JSON.parse(Buffer.concat(await request.toArray()).toString());
    requests.push(body);
    const { status = 200, body: answered } = answer(body, requests.length);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await test(createModel({ apiKey: 'any', baseURL, model }), requests);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** An error as the API words it. */
export function badRequest(message: string, status = 400): { status: number; body: object } {
  return { status, body: { type: 'error', error: { type: 'invalid_request_error', message } } };
}
