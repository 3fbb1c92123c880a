import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { SimulatedModel } from '../index.js';
import { errorBody, sendJson } from '../send.js';
import { type CloudBody, type CloudRequest, forward, serve } from './forward.js';

export interface VertexProject {
  projectId: string;
  region: string;
  accessToken: string;
}

const SEARCH_BETA = 'web-search-2025-03-05';

/** Starts a stand-in for Vertex AI that serves the simulated model. At `/token` it gives out the access token for a subject's token. */
export async function startVertex(model: SimulatedModel, project: VertexProject) {
  const place = `/v1/projects/${project.projectId}/locations/${project.region}/publishers/anthropic/models/`;
  return await serve(async (request, response) => {
    if (request.path === '/token') return sendToken(request, response, project);
    const refuse = (code: number, status: string, message: string) =>
      sendJson(response, code, { error: { code, message, status } });
    if (request.headers.authorization !== `Bearer ${project.accessToken}`)
      return refuse(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    const [id = '', verb] = request.path.slice(place.length).split(':');
    const stream = verb === 'streamRawPredict';
    if (!request.path.startsWith(place) || (verb !== 'rawPredict' && !stream))
      return refuse(403, 'PERMISSION_DENIED', `Permission denied on resource ${request.path}`);
    const body = JSON.parse(request.text) as CloudBody;
    const wrong = findWrongPart(body, String(request.headers['anthropic-beta']));
    if (wrong) return sendJson(response, 400, errorBody('invalid_request_error', wrong));
    const answer = await forward(model, { ...body, model: decodeURIComponent(id) });
    if (answer.status === 404)
      return refuse(
        404,
        'NOT_FOUND',
        `Publisher Model \`${request.path.slice(4).split(':')[0]}\` was not found or your project does not have access to it.`,
      );
    if (answer.status === 429) return refuse(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for this model.');
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    Readable.from((answer.body ?? []) as AsyncIterable<Uint8Array>).pipe(response);
  });
}

/** Finds what Vertex AI refuses in a body that Claude's own API would take. */
function findWrongPart(body: CloudBody, betas: string): string | undefined {
  if (!body.anthropic_version) return 'anthropic_version: Field required';
  if ('model' in body) return 'model: Extra inputs are not permitted';
  const tools = body.tools ?? [];
  const isSearch = (type: string) => type === 'web_search_20250305' && betas.includes(SEARCH_BETA);
  const index = tools.findIndex(({ type = 'custom' }) => type !== 'custom' && !isSearch(type));
  if (index < 0) return undefined;
  return `tools.${index}: Input tag '${tools[index]?.type}' found using 'type' does not match any of the expected tags: 'bash_20250124', 'custom', 'text_editor_20250728'`;
}

function sendToken({ text }: CloudRequest, response: ServerResponse, { accessToken }: VertexProject): void {
  const asked = new URLSearchParams(text);
  const isExchange = asked.get('grant_type') === 'urn:ietf:params:oauth:grant-type:token-exchange';
  if (!isExchange || !asked.get('subject_token')) {
    sendJson(response, 400, { error: 'invalid_request', error_description: 'No subject token' });
    return;
  }
  sendJson(response, 200, {
    access_token: accessToken,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 3600,
  });
}
