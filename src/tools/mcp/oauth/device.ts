import { setTimeout as pause } from 'node:timers/promises';
import { buildDiscoveryUrls, parseErrorResponse } from '@modelcontextprotocol/sdk/client/auth.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { z } from 'zod';
import type { Person } from './callback.js';
import type { Login } from './logins.js';
import { fetchInTime } from './renew-tokens.js';

/** RFC 8628. */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** Pause between two questions when the authorization server names none, and what `slow_down` adds, in seconds. */
const INTERVAL_S = 5;

const discovered = z.looseObject({ device_authorization_endpoint: z.url() });
const address = z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).href);
const authorization = z.looseObject({
  device_code: z.string(),
  // It is shown in a terminal, which would obey control characters.
  user_code: z.string().regex(/^[\x20-\x7e]+$/),
  verification_uri: address,
  verification_uri_complete: address.optional(),
  expires_in: z.coerce.number().default(900),
  interval: z.coerce.number().default(INTERVAL_S),
});
const refusal = z.looseObject({ error: z.string() });

type DeviceLogin = Pick<Login, 'client' | 'scope' | 'authorizationServer'>;

/** Begins a login that a person approves on any device. `fetchFn` sends the grant again until it was approved, refused or is too old. */
export async function awaitDeviceApproval(login: DeviceLogin, { say }: Person) {
  const { client, scope, authorizationServer } = login;
  const { resourceMetadata } = authorizationServer;
  const response = await fetchInTime(await findEndpoint(authorizationServer.authorizationServerUrl), {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({
      client_id: client.client_id,
      ...(client.client_secret && { client_secret: client.client_secret }),
      ...(scope && { scope }),
      ...(resourceMetadata && { resource: resourceMetadata.resource }),
    }),
  });
  if (!response.ok) throw await parseErrorResponse(response);
  const begun = authorization.parse(await response.json());
  const { device_code, user_code, verification_uri, verification_uri_complete = verification_uri } = begun;
  say(
    `Open this address on any device, and log in:\n\n  ${verification_uri_complete}\n\nThe code: ${user_code}`,
  );
  const until = Date.now() + begun.expires_in * 1000;
  let intervalMs = begun.interval * 1000;
  const fetchFn: FetchLike = async (url, init) => {
    for (;;) {
      await pause(intervalMs);
      const answer = await fetchInTime(url, init);
      const refused = answer.ok ? undefined : refusal.safeParse(await readJson(answer.clone())).data?.error;
      if (refused === 'slow_down') intervalMs += INTERVAL_S * 1000;
      else if (refused !== 'authorization_pending') return answer;
      if (Date.now() > until) throw new Error('nobody logged in before the code expired');
    }
  };
  return { grant: { grant_type: DEVICE_GRANT, device_code }, fetchFn };
}

/** The SDK's own discovery drops the field for servers that speak OpenID Connect. */
async function findEndpoint(authorizationServer: string): Promise<string> {
  for (const { url } of buildDiscoveryUrls(authorizationServer)) {
    const response = await fetchInTime(url, { headers: { accept: 'application/json' } });
    const found = discovered.safeParse(response.ok && (await readJson(response)));
    if (found.success) return found.data.device_authorization_endpoint;
  }
  throw new Error(`${authorizationServer} offers no login on another device; leave --device away`);
}

const readJson = (response: Response): Promise<unknown> => response.json().catch(() => undefined);
