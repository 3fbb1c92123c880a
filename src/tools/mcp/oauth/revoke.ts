import type { Login } from './logins.js';
import { fetchInTime } from './renew-tokens.js';

/** Ends a login at the authorization server (RFC 7009). Returns false when the server offers no such thing, or refused. */
export async function revoke({ client, tokens, authorizationServer }: Login): Promise<boolean> {
  const { authorizationServerMetadata: metadata } = authorizationServer;
  const endpoint = metadata && 'revocation_endpoint' in metadata && metadata.revocation_endpoint;
  if (typeof endpoint !== 'string') return false;
  const body = new URLSearchParams({
    token: tokens.refresh_token ?? tokens.access_token,
    client_id: client.client_id,
    ...(client.client_secret && { client_secret: client.client_secret }),
  });
  return await fetchInTime(endpoint, { method: 'POST', body }).then(
    ({ ok }) => ok,
    () => false,
  );
}
