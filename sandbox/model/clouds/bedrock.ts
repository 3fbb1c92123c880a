import type { ServerResponse } from 'node:http';
import type { SimulatedModel } from '../index.js';
import { sendJson } from '../send.js';
import { encodeChunk, encodeException } from './event-stream.js';
import { type CloudBody, type CloudRequest, errorOf, forward, serve } from './forward.js';
import { type AwsAccount, findSignatureProblem } from './signature.js';

/** Account that the stand-in knows. `bearer`: its Bedrock API key. */
export interface BedrockAccount extends AwsAccount {
  bearer: string;
}

/** Words of Bedrock's errors, by their names. */
const WORDS: Record<string, string> = {
  IncompleteSignatureException: 'Authorization header requires a valid signature.',
  InvalidSignatureException:
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  UnrecognizedClientException: 'The security token included in the request is invalid.',
};

/** Errors of Claude's API as Bedrock passes them on, by status. */
const ERRORS: Record<number, [status: number, name: string]> = {
  400: [400, 'ValidationException'],
  429: [429, 'ThrottlingException'],
  529: [503, 'ServiceUnavailableException'],
};

/** Starts a stand-in for Amazon Bedrock that serves the simulated model as `global.anthropic.<model>`. */
export async function startBedrock(model: SimulatedModel, account: BedrockAccount) {
  return await serve(async (request, response) => {
    const problem = findProblem(request, account);
    const refuse = (status: number, name: string, message: string) =>
      sendJson(response, status, { message }, { 'x-amzn-errortype': name });
    if (problem)
      return refuse(
        403,
        problem,
        WORDS[problem] ?? 'Authentication failed: Please make sure your API Key is valid.',
      );
    const [, id, verb] = /^\/model\/([^/]+)\/(invoke|invoke-with-response-stream)$/.exec(request.path) ?? [];
    if (!id || request.method !== 'POST')
      return refuse(404, 'UnknownOperationException', 'Unknown operation');
    const [, served] = /^global\.anthropic\.([\w-]+)$/.exec(decodeURIComponent(id)) ?? [];
    if (!served) return refuse(400, 'ValidationException', 'The provided model identifier is invalid.');
    const body = JSON.parse(request.text) as CloudBody;
    const wrong = findWrongPart(body);
    if (wrong) return refuse(400, 'ValidationException', wrong);
    const stream = verb !== 'invoke';
    const answer = await forward(model, { ...body, model: served, stream });
    if (answer.status === 404)
      return refuse(400, 'ValidationException', 'The provided model identifier is invalid.');
    if (!answer.ok) {
      const [status, name] = ERRORS[answer.status] ?? [500, 'InternalServerException'];
      return refuse(status, name, await errorOf(answer));
    }
    if (stream) await sendEvents(answer, response);
    else sendJson(response, 200, (await answer.json()) as object);
  });
}

function findProblem(request: CloudRequest, account: BedrockAccount): string | undefined {
  const [, bearer] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  if (bearer === undefined) return findSignatureProblem(request, account);
  return bearer === account.bearer ? undefined : 'AccessDeniedException';
}

/** Finds what Bedrock refuses in a body that Claude's own API would take. */
function findWrongPart(body: CloudBody): string | undefined {
  if (!body.anthropic_version) return 'anthropic_version: Field required';
  const extra = ['model', 'stream'].find((name) => name in body);
  if (extra) return `${extra}: Extra inputs are not permitted`;
  const tools = body.tools ?? [];
  const index = tools.findIndex(({ type = 'custom' }) => /^(web_|code_execution)/.test(type));
  if (index < 0) return undefined;
  return `tools.${index}: Input tag '${tools[index]?.type}' found using 'type' does not match any of the expected tags: 'bash_20250124', 'custom', 'memory_20250818', 'text_editor_20250728'`;
}

async function sendEvents(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
  let text = '';
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const [, json = ''] = /^data: (.+)$/m.exec(event) ?? [];
      const isError = event.startsWith('event: error');
      response.write(
        isError ? encodeException('throttlingException', 'Too many requests') : encodeChunk(json),
      );
    }
  }
  response.end();
}
