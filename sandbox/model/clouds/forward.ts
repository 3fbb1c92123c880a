import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SimulatedModel } from '../index.js';

/** A request to a cloud, as it came. */
export interface CloudRequest {
  method: string;
  /** Path as it was sent, without the query. */
  path: string;
  headers: IncomingMessage['headers'];
  text: string;
}

/** Body of a message for a cloud: the model is in the path. */
export type CloudBody = Record<string, unknown> & { tools?: { type?: string; name: string }[] };

/** Sends a message to the simulated model, for a cloud that serves it. */
export async function forward(
  { url, apiKey }: Pick<SimulatedModel, 'url' | 'apiKey'>,
  { anthropic_version: _, anthropic_beta: __, ...body }: CloudBody,
): Promise<Response> {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
  return await fetch(`${url}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Reads the error of the simulated model. */
export async function errorOf(response: Response): Promise<string> {
  const { error } = (await response.json()) as { error: { message: string } };
  return error.message;
}

/** Starts a server on any free port of this machine. `requests`: those that came. */
export async function serve(answer: (request: CloudRequest, response: ServerResponse) => Promise<void>) {
  const requests: CloudRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const { method = '', headers, url = '' } = incoming;
    const text = Buffer.concat(await incoming.toArray()).toString();
    const request = { method, path: url.split('?')[0] ?? '', headers, text };
    requests.push(request);
    await answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
