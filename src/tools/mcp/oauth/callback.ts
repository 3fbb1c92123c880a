import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { OAuthServerInfo } from '@modelcontextprotocol/sdk/client/auth.js';
import { withTimeout } from '../../../platform/with-timeout.js';

/** A person at a terminal, who logs in. */
export interface Person {
  say(line: string): void;
  input: Readable;
}

export type Callback = Awaited<ReturnType<typeof openCallback>>;

/** Time in which a person must log in, in milliseconds. */
const LOGIN_MS = 15 * 60_000;

const PASTE =
  "If that browser can't reach this machine, copy the address at which it ends up, paste it here and press Enter.";

/** Opens `http://localhost:<port>/callback`, where the browser of a person who logs in ends up. */
export async function openCallback(port = 0) {
  const state = randomBytes(16).toString('hex');
  let arrived: (url: URL) => void = () => {};
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const isOurs = url.pathname === '/callback' && url.searchParams.get('state') === state;
    response.writeHead(isOurs ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(isOurs ? 'Countersign has the answer. The terminal says more.' : 'There is nothing here.');
    if (isOurs) arrived(url);
  });
  // Nobody outside of this machine can send an answer.
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const redirectUrl = `http://localhost:${(server.address() as AddressInfo).port}/callback`;

  return {
    redirectUrl,
    state,
    /** Waits for the authorization code, from the browser or pasted. Throws when the login was refused, or took too long. */
    async awaitCode(asked: OAuthServerInfo, { say, input }: Person): Promise<string> {
      const lines = createInterface({ input });
      say(PASTE);
      const answer = new Promise<URL>((resolve) => {
        arrived = resolve;
        lines.on('line', (line) => {
          const url = URL.canParse(line.trim()) ? new URL(line.trim()) : undefined;
          if (url?.searchParams.get('state') === state) resolve(url);
          else if (line.trim() !== '') say('That is not the address at which this login ends.');
        });
      });
      const onTimeout = () => {
        throw new Error(`nobody logged in within ${LOGIN_MS / 60_000} minutes`);
      };
      try {
        const { searchParams } = await withTimeout(LOGIN_MS, () => answer, onTimeout);
        const [code, error, from] = ['code', 'error', 'iss'].map((name) => searchParams.get(name));
        const description = searchParams.get('error_description');
        if (error) throw new Error(description ? `${error}, ${description}` : error);
        checkSender(from, asked);
        if (!code) throw new Error('the answer holds no code');
        return code;
      } finally {
        lines.close();
      }
    },
    close(): void {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * Refuses the answer of another authorization server than the one that was asked (RFC 9207): its code would go to the wrong one. A server that
 * gives itself another's name is found out by its address.
 */
function checkSender(
  from: string | null | undefined,
  { authorizationServerUrl: asked, authorizationServerMetadata }: OAuthServerInfo,
): void {
  const metadata: { issuer?: string; authorization_response_iss_parameter_supported?: unknown } =
    authorizationServerMetadata ?? {};
  const { issuer = from, authorization_response_iss_parameter_supported: always } = metadata;
  if (!from) {
    if (always === true) throw new Error("the answer doesn't say which authorization server it is from");
    return;
  }
  const originOf = (address: string) => URL.canParse(address) && new URL(address).origin;
  if (from !== issuer || originOf(from) !== originOf(asked))
    throw new Error(`the answer is from ${from}, not from ${from === issuer ? asked : issuer}`);
}
