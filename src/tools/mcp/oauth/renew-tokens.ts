import {
  fetchToken,
  type OAuthClientProvider,
  refreshAuthorization,
} from '@modelcontextprotocol/sdk/client/auth.js';
import {
  OAuthError,
  ServerError,
  TemporarilyUnavailableError,
  TooManyRequestsError,
} from '@modelcontextprotocol/sdk/server/auth/errors.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { showHidden } from '../../../approval/hidden-text.js';
import { clip } from '../../../platform/cut.js';
import { reasonOf } from '../../../platform/errors.js';
import { classifyFailure } from '../failures.js';
import type { Login } from './logins.js';

/** Time-out of a request to an authorization server, in milliseconds. */
const REQUEST_TIMEOUT_MS = 20_000;

/** `fetch` for requests to authorization servers. */
export const fetchInTime: FetchLike = (url, init) =>
  fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });

/** Limit for the words of an authorization server, in characters. */
const MAX_SAID = 300;

/**
 * Reason of a failure, without a full stop. `fetch` itself says only that it failed. A terminal shows the words of an authorization server, so
 * control characters are written out. Words may repeat a request, so its whole answer and `secrets` are left out.
 */
export function explain(error: unknown, secrets: (string | undefined)[] = []): string {
  const isFetch = error instanceof TypeError && error.message === 'fetch failed';
  const said = isFetch ? classifyFailure(error).message : reasonOf(error).replace(/ Raw body: .*$/s, '');
  const hidden = secrets.reduce<string>(
    (text, one) => (one ? text.replaceAll(one, '[redacted]') : text),
    said,
  );
  return clip(showHidden(hidden), MAX_SAID).replace(/\.$/, '');
}

/** Gets new tokens for a login; undefined when it has no refresh token. @throws what the SDK throws: see `isFinal`. */
export async function renewTokens(login: Login, fetchFn = fetchInTime): Promise<Login | undefined> {
  const { authorizationServer, client, tokens } = login;
  const {
    authorizationServerUrl: server,
    authorizationServerMetadata,
    resourceMetadata,
  } = authorizationServer;
  const metadata = authorizationServerMetadata && { metadata: authorizationServerMetadata };
  const resource = resourceMetadata && { resource: resourceMetadata.resource };
  const options = { ...metadata, ...resource, fetchFn };
  const issuedAt = new Date().toISOString();
  if (login.flow === 'client-credentials') {
    const provider = grantProvider(login, { grant_type: 'client_credentials' });
    return { ...login, tokens: await fetchToken(provider, server, options), issuedAt };
  }
  if (!tokens.refresh_token) return undefined;
  const renewal = { ...options, clientInformation: client, refreshToken: tokens.refresh_token };
  return { ...login, tokens: await refreshAuthorization(server, renewal), issuedAt };
}

/** Provider for a grant that needs no redirect. */
export function grantProvider(
  { client, scope }: Pick<Login, 'client' | 'scope'>,
  grant: Record<string, string>,
): OAuthClientProvider {
  const unused = () => {
    throw new Error('This grant has no redirect.');
  };
  return {
    redirectUrl: undefined,
    clientMetadata: { redirect_uris: [] },
    clientInformation: () => client,
    tokens: () => undefined,
    saveTokens: () => {},
    prepareTokenRequest: () => new URLSearchParams({ ...grant, ...(scope && { scope }) }),
    redirectToAuthorization: unused,
    saveCodeVerifier: unused,
    codeVerifier: unused,
  };
}

/** True if an authorization server refused a request for good: only a new login helps. */
export function isFinal(error: unknown): error is OAuthError {
  const mayPass = [ServerError, TemporarilyUnavailableError, TooManyRequestsError];
  return error instanceof OAuthError && !mayPass.some((passing) => error instanceof passing);
}
