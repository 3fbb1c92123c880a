import { extractWWWAuthenticateParams } from '@modelcontextprotocol/sdk/client/auth.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { HttpServer, ServerSettings } from '../../settings.js';
import { createAccess, loginNeeded } from './access.js';
import type { Logins } from './logins.js';

/** Lets servers over HTTP use the logins that `countersign mcp login` made. A server with its own `Authorization` header needs none. */
export function withLogins(servers: ServerSettings[], logins: Logins): ServerSettings[] {
  return servers.map((server) =>
    usesLogin(server) ? { ...server, access: createAccess(server, logins) } : server,
  );
}

/** True for a server over HTTP whose configuration has no `Authorization` header. */
export function usesLogin(server: ServerSettings): server is HttpServer {
  if (server.transport !== 'http') return false;
  return !Object.keys(server.headers).some((name) => name.toLowerCase() === 'authorization');
}

/**
 * `fetch` that sends the server's access token, and renews it once when the server refuses it. A refused request was not carried out, so it is
 * sent again. Fails with `ServerFailure`, which says what to run, when a login is needed.
 */
export function loggedIn(server: HttpServer, send: FetchLike): FetchLike {
  if (!usesLogin(server)) return send;
  const { name, access, secrets = [], headers: own } = server;
  const wanted = Object.keys(own).length === 0 ? 'a login' : 'a login, or other headers in MCP_CONFIG';
  const sendWith = (token: string | undefined): FetchLike => {
    if (token === undefined) return send;
    server.secrets = [...new Set([...secrets, token])];
    return (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${token}`);
      return send(url, { ...init, headers });
    };
  };
  return async (url, init) => {
    const token = await access?.token();
    let response = await sendWith(token)(url, init);
    if (response.status === 401 && access && token !== undefined) {
      await response.body?.cancel();
      response = await sendWith(await access.renew(token))(url, init);
    }
    const { error, scope } = extractWWWAuthenticateParams(response);
    const isTooNarrow = response.status === 403 && error === 'insufficient_scope';
    if (response.status !== 401 && !isTooNarrow) return response;
    await response.body?.cancel();
    if (isTooNarrow)
      throw loginNeeded(name, `its login allows too little (403); it wants the scope ${scope ?? 'it names'}`);
    const problem = access?.problem();
    if (token === undefined && problem) throw problem;
    throw loginNeeded(name, token === undefined ? `it wants ${wanted} (401)` : 'it refuses its login (401)');
  };
}
