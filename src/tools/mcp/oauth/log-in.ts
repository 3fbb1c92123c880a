import {
  discoverOAuthServerInfo,
  exchangeAuthorization,
  extractWWWAuthenticateParams,
  fetchToken,
  registerClient,
  selectResourceURL,
  startAuthorization,
} from '@modelcontextprotocol/sdk/client/auth.js';
import type { OAuthClientInformationMixed } from '@modelcontextprotocol/sdk/shared/auth.js';
import { LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/sdk/types.js';
import { showHidden } from '../../../approval/hidden-text.js';
import { CountersignError } from '../../../platform/errors.js';
import type { HttpServer } from '../../settings.js';
import { type Callback, openCallback, type Person } from './callback.js';
import { awaitDeviceApproval, DEVICE_GRANT } from './device.js';
import type { Login, LoginFlow } from './logins.js';
import { explain, fetchInTime, grantProvider } from './renew-tokens.js';

/** A login before it has tokens. */
type Unfinished = Omit<Login, 'tokens' | 'issuedAt'>;

/** Logs in to a server. @throws CountersignError `LoginFailed` with the reason. */
export async function logIn(server: HttpServer, flow: LoginFlow, person: Person): Promise<Login> {
  const asked = await askServer(server);
  const callback = flow === 'browser' ? await openCallback(server.oauth?.callbackPort) : undefined;
  try {
    const login = await prepare(server, flow, asked, callback);
    const issuedAt = new Date().toISOString();
    const work = { browser: inBrowser, device: onDevice, 'client-credentials': asClient }[flow];
    return { ...login, tokens: await work(login, person, callback), issuedAt };
  } catch (cause) {
    if (cause instanceof CountersignError) throw cause;
    const open = asked.isOpen ? ' It answers without a login, so it may need none.' : '';
    const message = `The login at ${server.name} failed: ${explain(cause)}.${open}`;
    throw new CountersignError('LoginFailed', message, { cause });
  } finally {
    callback?.close();
  }
}

/** Asks the server without a token: its refusal says where to log in, and for what. */
async function askServer({ name, url, headers }: HttpServer) {
  const clientInfo = { name: 'countersign', version: '1' };
  const params = { protocolVersion: LATEST_PROTOCOL_VERSION, capabilities: {}, clientInfo };
  const response = await fetchInTime(url, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  }).catch((cause: unknown) => {
    const message = `The login at ${name} failed: ${explain(cause)}. Check its url in MCP_CONFIG.`;
    throw new CountersignError('LoginFailed', message, { cause });
  });
  await response.body?.cancel();
  return { ...extractWWWAuthenticateParams(response), isOpen: response.ok };
}

/** Finds the authorization server, and the client's id there. */
async function prepare(
  { name, url, oauth = {} }: HttpServer,
  flow: LoginFlow,
  { resourceMetadataUrl, scope: wanted }: { resourceMetadataUrl?: URL; scope?: string },
  callback: Callback | undefined,
): Promise<Unfinished> {
  const place = { ...(resourceMetadataUrl && { resourceMetadataUrl }), fetchFn: fetchInTime };
  const authorizationServer = await discoverOAuthServerInfo(url, place);
  const {
    authorizationServerUrl,
    authorizationServerMetadata: metadata,
    resourceMetadata,
  } = authorizationServer;
  const scope = oauth.scopes ?? wanted ?? resourceMetadata?.scopes_supported?.join(' ');
  const login = { server: name, url, flow, authorizationServer, ...(scope && { scope }) };
  const { clientId = '', clientSecret } = oauth;
  const own = { client_id: clientId, ...(clientSecret !== undefined && { client_secret: clientSecret }) };
  // A token must be for this server, and not for another one that it names.
  await selectResourceURL(url, grantProvider({ client: own }, {}), resourceMetadata);
  if (clientId !== '') return { ...login, client: own };
  if (flow === 'client-credentials')
    throw new CountersignError(
      'LoginFailed',
      `The login at ${name} needs a client with a secret. Write "oauth": {"clientId": "…", "clientSecret": "\${VAR}"} into its entry in MCP_CONFIG.`,
    );
  const clientMetadata = {
    client_name: 'Countersign',
    redirect_uris: [callback?.redirectUrl ?? 'http://localhost/callback'],
    grant_types: [flow === 'device' ? DEVICE_GRANT : 'authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  const registration = { ...(metadata && { metadata }), ...(scope && { scope }) };
  const client: OAuthClientInformationMixed = await registerClient(authorizationServerUrl, {
    ...registration,
    clientMetadata,
    fetchFn: fetchInTime,
  }).catch((cause: unknown) => {
    const message = `The login at ${name} failed: ${showHidden(authorizationServerUrl)} registered no client (${explain(cause)}). Register one there, and write "oauth": {"clientId": "…"} into its entry in MCP_CONFIG.`;
    throw new CountersignError('LoginFailed', message, { cause });
  });
  return { ...login, client };
}

/** Options that all requests to the authorization server share. */
function optionsOf({ authorizationServer }: Unfinished) {
  const { authorizationServerMetadata: metadata, resourceMetadata } = authorizationServer;
  const resource = resourceMetadata && { resource: resourceMetadata.resource };
  return { ...(metadata && { metadata }), ...resource, fetchFn: fetchInTime };
}

async function inBrowser(login: Unfinished, person: Person, callback?: Callback) {
  if (!callback) throw new Error('A login in a browser has a callback');
  const { authorizationServer, client: clientInformation, scope } = login;
  const { authorizationServerUrl: at } = authorizationServer;
  const { redirectUrl, state } = callback;
  const options = { ...optionsOf(login), clientInformation };
  const asked = { ...options, redirectUrl, state, ...(scope && { scope }) };
  const { authorizationUrl, codeVerifier } = await startAuthorization(at, asked);
  person.say(`Open this address in a browser, and log in:\n\n  ${authorizationUrl.href}\n`);
  const authorizationCode = await callback.awaitCode(authorizationServer, person);
  const exchange = { ...options, authorizationCode, codeVerifier, redirectUri: redirectUrl };
  return await exchangeAuthorization(at, exchange);
}

async function onDevice(login: Unfinished, person: Person) {
  const { authorizationServer } = login;
  const { grant, fetchFn } = await awaitDeviceApproval(login, person);
  const options = { ...optionsOf(login), fetchFn };
  return await fetchToken(grantProvider(login, grant), authorizationServer.authorizationServerUrl, options);
}

async function asClient(login: Unfinished) {
  const provider = grantProvider(login, { grant_type: 'client_credentials' });
  return await fetchToken(provider, login.authorizationServer.authorizationServerUrl, optionsOf(login));
}
