import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compose } from './compose.js';
import { type ModelFault, ModelFaults, strike } from './faults.js';
import { type MessagesRequest, parseRequest, RequestError, taskOf, turnNumber } from './request.js';
import { checkRules } from './rules.js';
import { errorBody, sendJson, sendStream } from './send.js';
import { stopped } from './stops.js';
import { refuseToolSearch } from './validation/tool-search.js';

export type { ModelFault } from './faults.js';

export interface SimulatedModelOptions {
  /** @default any free port */
  port?: number;
  /** Duration of an answer, in milliseconds. @default 0 */
  latencyMs?: number;
  /** False: the search for tools is refused, as older models and most gateways do. @default true */
  hasToolSearch?: boolean;
}

/** A recorded request, for tests. */
export interface ModelCall {
  path: string;
  /** Time of the request, in milliseconds since the epoch. */
  at: number;
  body: Partial<MessagesRequest>;
}

export type SimulatedModel = Awaited<ReturnType<typeof startSimulatedModel>>;

const MAX_BODY_BYTES = 32_000_000;
const NAME = 'simulated';

/** Starts a stand-in for Claude that speaks the Messages API. Equal requests get equal answers. */
export async function startSimulatedModel({
  port = 0,
  latencyMs = 0,
  hasToolSearch = true,
}: SimulatedModelOptions = {}) {
  const apiKey = `sk-simulated-${randomBytes(12).toString('hex')}`;
  const faults = new ModelFaults();
  const requests: ModelCall[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname: path } = new URL(request.url ?? '/', 'http://local');
    const text = await bodyOf(request);
    if (keyOf(request) !== apiKey) throw new RequestError(401, 'authentication_error', 'invalid x-api-key');
    if (path === '/v1/models') {
      sendJson(response, 200, { data: [modelInfo()], has_more: false, first_id: NAME, last_id: NAME });
      return;
    }
    if (path.startsWith('/v1/models/')) {
      sendJson(response, 200, modelInfo());
      return;
    }
    if (path !== '/v1/messages' && path !== '/v1/messages/count_tokens') {
      throw new RequestError(404, 'not_found_error', `Not found: ${path}`);
    }
    const counting = path.endsWith('count_tokens');
    const body = parseRequest(text, counting);
    checkRules(body);
    if (!hasToolSearch) refuseToolSearch(body);
    requests.push({ path, at: Date.now(), body });
    if (counting) {
      sendJson(response, 200, { input_tokens: Math.ceil(text.length / 4) });
      return;
    }
    const fault = faults.take(taskOf(body), turnNumber(body));
    if (fault && (await strike(fault, request, response, body.stream === true))) return;
    const whole = compose(body);
    const message = fault?.kind === 'stop-reason' ? stopped(whole, fault.reason, body) : whole;
    if (body.stream) await sendStream(response, message, latencyMs);
    else {
      await new Promise((resolve) => setTimeout(resolve, latencyMs));
      sendJson(response, 200, message);
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const known = error instanceof RequestError ? error : new RequestError(500, 'api_error', String(error));
      if (response.headersSent) response.destroy();
      else sendJson(response, known.status, errorBody(known.type, known.message));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    /** Base URL, as `ANTHROPIC_BASE_URL` takes it. */
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    requests,
    faults: {
      inject: (fault: ModelFault) => faults.inject(fault),
      clear: () => faults.clear(),
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Reads the API key. The SDK sends it as a bearer token; older SDKs and other clients send it in `x-api-key`. */
function keyOf({ headers }: IncomingMessage): string | undefined {
  const key = headers['x-api-key'];
  return typeof key === 'string' ? key : /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
}

function modelInfo() {
  return { type: 'model', id: NAME, display_name: 'Simulated model', created_at: '2026-01-01T00:00:00Z' };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES)
      throw new RequestError(413, 'request_too_large', 'Request exceeds the maximum size');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
