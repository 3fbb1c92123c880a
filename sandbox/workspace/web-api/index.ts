import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Faults } from '../faults.js';
import type { RateLimits } from '../rate-limits.js';
import type { WorkspaceData } from '../seed.js';
import { blockProblems } from '../validation/blocks.js';
import type { Fields } from '../validation/problems.js';
import { agents } from './agents.js';
import { chat } from './chat.js';
import { conversations } from './conversations.js';
import { files } from './files.js';
import { people } from './people.js';
import { type Api, ApiError, Args, type Method } from './request.js';
import { views } from './views.js';

/** A recorded call. */
export interface ApiCall {
  method: string;
  args: Fields;
  at: number;
  /** `ok`, Slack's error code, or the kind of the injected fault. */
  answer: string;
}

const METHODS: Record<string, Method> = {
  ...agents,
  ...chat,
  ...conversations,
  ...files,
  ...people,
  ...views,
  'api.test': (_, args) => ({ args: args.raw }),
  'auth.test': ({ state, url }) => ({
    url,
    ...teamOfToken(state.data),
    user: state.person(state.data.app.botUser)?.name,
    user_id: state.data.app.botUser,
    bot_id: state.data.app.botId,
  }),
  'blocks.validate': (_, args) => {
    const messages = blockProblems(args.json('blocks', 'invalid_blocks_format'), 'messages');
    if (messages.length > 0)
      throw new ApiError('invalid_blocks', { errors: messages, response_metadata: { messages } });
    return {};
  },
};

/** Team of the token. An organization's token names the organization. */
function teamOfToken({ team, grid }: WorkspaceData): Fields {
  if (!grid?.isOrgWide) {
    return {
      team: team.name,
      team_id: team.id,
      is_enterprise_install: false,
      ...(grid && { enterprise_id: grid.id }),
    };
  }
  return { team: grid.name, team_id: grid.id, enterprise_id: grid.id, is_enterprise_install: true };
}

export interface WebApi {
  api: Omit<Api, 'need'>;
  faults: Faults;
  limits: RateLimits;
  log(call: ApiCall): void;
}

export async function answerApi(
  { api, faults, limits, log }: WebApi,
  method: string,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const args = new Args(argsOf(request, body));
  const { token: _secret, ...loggable } = args.raw;
  const call: ApiCall = { method, args: loggable, at: Date.now(), answer: 'ok' };
  log(call);
  const fault = faults.take(method);
  if (fault) call.answer = fault.kind;
  if (fault && (await strikes(fault, request, response))) return;
  const reply = (fields: Fields, status = 200, headers: Record<string, string> = {}) => {
    if (fault?.kind === 'lose-answer') {
      request.socket.destroy();
      return;
    }
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'x-oauth-scopes': api.scopes.join(','),
      ...headers,
    });
    response.end(JSON.stringify(fields));
  };
  try {
    authenticate(api, method, tokenOf(request, args));
    const waitS = limits.waitS(method, args.string('channel') ?? '');
    if (waitS > 0) {
      call.answer = 'ratelimited';
      reply({ ok: false, error: 'ratelimited' }, 429, { 'retry-after': String(waitS) });
      return;
    }
    const run = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
    const fields =
      method === 'apps.connections.open'
        ? { url: api.openSocket() }
        : run?.({ ...api, need: need(api) }, args);
    if (!fields) throw new ApiError('unknown_method', { req_method: method });
    reply({ ok: true, ...fields });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    call.answer = error.code;
    reply({ ok: false, error: error.code, ...error.extra });
  }
}

/** Applies a fault before the answer. Returns true when the fault is the whole answer. */
export async function strikes(
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  switch (fault.kind) {
    case 'drop':
      request.socket.destroy();
      return true;
    case 'error-500':
      response.writeHead(500, { 'content-type': 'text/plain' }).end('internal error');
      return true;
    case 'ratelimited':
      response.writeHead(429, {
        'content-type': 'application/json',
        'retry-after': String(fault.retryAfterS ?? 1),
      });
      response.end(JSON.stringify({ ok: false, error: 'ratelimited' }));
      return true;
    case 'refuse':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ok: false, error: fault.error }));
      return true;
    case 'slow':
      await delay(fault.delayMs);
      return false;
    case 'lose-answer':
      return false;
  }
}

function need({ scopes }: Pick<Api, 'scopes'>) {
  return (...wanted: string[]) => {
    if (wanted.some((scope) => scopes.includes(scope))) return;
    throw new ApiError('missing_scope', { needed: wanted.join(','), provided: scopes.join(',') });
  };
}

function authenticate({ state }: Pick<Api, 'state'>, method: string, token: string | undefined): void {
  const { botToken, appToken } = state.data.credentials;
  if (method === 'api.test') return;
  if (token === undefined) throw new ApiError('not_authed');
  if (token !== botToken && token !== appToken) throw new ApiError('invalid_auth');
  if ((token === appToken) !== (method === 'apps.connections.open'))
    throw new ApiError('not_allowed_token_type');
}

function tokenOf({ headers }: IncomingMessage, args: Args): string | undefined {
  return /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? args.string('token');
}

function argsOf(request: IncomingMessage, body: string): Fields {
  const query = Object.fromEntries(new URL(request.url ?? '/', 'http://local').searchParams);
  if (request.headers['content-type']?.includes('application/json')) {
    try {
      return { ...query, ...(JSON.parse(body || '{}') as Fields) };
    } catch {
      return query;
    }
  }
  return { ...query, ...Object.fromEntries(new URLSearchParams(body)) };
}
