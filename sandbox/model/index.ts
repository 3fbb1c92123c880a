import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Message } from './blocks.js';
import { compose } from './compose.js';
import { Containers } from './container.js';
import { checkLength, editContext, withinLimits } from './context.js';
import { type ModelFault, ModelFaults, strike } from './faults.js';
import { checkModel, contextOf, describeModel, listModels } from './models.js';
import { type MessagesRequest, parseRequest, RequestError, taskOf, turnNumber } from './request.js';
import { checkRules } from './rules.js';
import { errorBody, sendJson, sendStream } from './send.js';
import { afterThinking, oddly, saying, stopped } from './stops.js';
import { thinkingFor } from './thinking.js';
import { countTokens } from './usage.js';
import { refuseToolSearch } from './validation/tool-search.js';

export type { ModelFault } from './faults.js';

export interface SimulatedModelOptions {
  /** @default any free port */
  port?: number;
  /** Duration of an answer, in milliseconds. @default 0 */
  latencyMs?: number;
  /** Length of the model's context, in tokens. @default the model's own */
  contextTokens?: number;
  /** False for an endpoint that doesn't know the API's context editing. @default true */
  editsContext?: boolean;
  /** True for an older model, which refuses a limit for the answer that its context has no room for. @default false */
  refusesLimit?: boolean;
  /** False: the search for tools is refused, as older models and most gateways do. @default true */
  hasToolSearch?: boolean;
}

/** A recorded request, for tests. */
export interface ModelCall {
  path: string;
  /** Time of the request, in milliseconds since the epoch. */
  at: number;
  headers: IncomingMessage['headers'];
  body: Partial<MessagesRequest>;
}

export type SimulatedModel = Awaited<ReturnType<typeof startSimulatedModel>>;

const MAX_BODY_BYTES = 32_000_000;

/** Starts a stand-in for Claude that speaks the Messages API. Equal requests get equal answers. */
export async function startSimulatedModel({
  port = 0,
  latencyMs = 0,
  contextTokens: shortContext,
  editsContext = true,
  refusesLimit = false,
  hasToolSearch = true,
}: SimulatedModelOptions = {}) {
  let apiKey = `sk-simulated-${randomBytes(12).toString('hex')}`;
  const faults = new ModelFaults();
  const containers = new Containers();
  const requests: ModelCall[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname: path } = new URL(request.url ?? '/', 'http://local');
    const text = await bodyOf(request);
    if (keyOf(request) !== apiKey) throw new RequestError(401, 'authentication_error', 'invalid x-api-key');
    if (path === '/v1/models') {
      sendJson(response, 200, listModels());
      return;
    }
    const [, named] = /^\/v1\/models\/(.+)$/.exec(path) ?? [];
    if (named !== undefined) {
      sendJson(response, 200, describeModel(decodeURIComponent(named)));
      return;
    }
    if (path !== '/v1/messages' && path !== '/v1/messages/count_tokens') {
      throw new RequestError(404, 'not_found_error', `Not found: ${path}`);
    }
    const counting = path.endsWith('count_tokens');
    const body = parseRequest(text, counting);
    checkRules(body);
    checkModel(body);
    if (!hasToolSearch) refuseToolSearch(body);
    requests.push({ path, at: Date.now(), headers: request.headers, body });
    if (counting) {
      const { edited } = editContext(body, editsContext ? betaOf(request) : '');
      sendJson(response, 200, { input_tokens: countTokens(edited) });
      return;
    }
    const fault = faults.take(taskOf(body), turnNumber(body), body.model);
    if (fault && (await strike(fault, request, response, body.stream === true))) return;
    const { edited, applied } = editContext(body, editsContext ? betaOf(request) : '');
    const contextTokens = shortContext ?? contextOf(body.model);
    checkLength(countTokens(edited), contextTokens, refusesLimit ? body.max_tokens : 0);
    const kept = containers.of(body);
    const whole = withinLimits(bound(compose(edited), body), body, contextTokens);
    const container = kept ?? (runsCode(whole) ? containers.create(body) : undefined);
    const message = {
      ...struck(whole, fault, body),
      ...(container && { container }),
      ...(body.context_management !== undefined && { context_management: { applied_edits: applied } }),
    };
    const tookMs = (fault?.kind === 'slow' && fault.overMs) || latencyMs;
    if (body.stream) await sendStream(response, message, tookMs);
    else {
      await new Promise((resolve) => setTimeout(resolve, tookMs));
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
    get apiKey() {
      return apiKey;
    },
    /** Takes another key from now on, and no longer the one before. */
    renewKey(key: string): void {
      apiKey = key;
    },
    requests,
    faults: {
      inject: (fault: ModelFault) => faults.inject(fault),
      clear: () => faults.clear(),
    },
    loseContainers: () => containers.lose(),
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Thinking is bound to the conversation as the client sent it. */
function bound(message: Message, body: MessagesRequest): Message {
  const content = message.content.map((block) => (block.type === 'thinking' ? thinkingFor(body) : block));
  return { ...message, content };
}

function struck(message: Message, fault: ModelFault | undefined, body: MessagesRequest): Message {
  if (fault?.kind === 'thinks') return afterThinking(message, fault.tokens, body);
  if (fault?.kind === 'odd-answer') return oddly(message);
  if (fault?.kind === 'says') return saying(message, fault.text);
  return fault?.kind === 'stop-reason' ? stopped(message, fault.reason, body, fault.details) : message;
}

function runsCode({ content }: Message): boolean {
  return content.some((block) => block.type === 'server_tool_use' && block.name === 'code_execution');
}

function betaOf({ headers }: IncomingMessage): string {
  return String(headers['anthropic-beta'] ?? '');
}

/** Reads the API key. The SDK sends it as a bearer token; older SDKs and other clients send it in `x-api-key`. */
function keyOf({ headers }: IncomingMessage): string | undefined {
  const key = headers['x-api-key'];
  return typeof key === 'string' ? key : /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
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
