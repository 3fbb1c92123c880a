import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { InvalidGrantError, InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import type {
  AuthorizationParams,
  OAuthServerProvider,
} from '@modelcontextprotocol/sdk/server/auth/provider.js';
import { mcpAuthRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { OAuthClientInformationFull } from '@modelcontextprotocol/sdk/shared/auth.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import express, { type Request, type Response } from 'express';

/** Tokens of one login. A refresh token counts once: a second use ends the whole login, as strict servers do. */
interface Family {
  clientId: string;
  access: string;
  refresh: string;
  used: Set<string>;
  resource: string | undefined;
  isOver: boolean;
}

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

/** An MCP server that wants OAuth, with its authorization server: registration, PKCE, refresh tokens that rotate, device codes, secrets. */
export async function startOAuthServer({
  tokenSeconds = 3600,
  registers = true,
  clientSecret = 'hush',
} = {}) {
  const clients = new Map<string, OAuthClientInformationFull>();
  const codes = new Map<string, AuthorizationParams & { clientId: string }>();
  const devices = new Map<string, { userCode: string; clientId: string; approved: boolean; asked: number }>();
  const families: Family[] = [];
  const seen = { refreshes: 0, reused: 0, refused: 0, calls: 0, resources: new Set<string | undefined>() };
  let answersRefresh = true;

  const issue = (family: Family, scopes: string[] = []) => {
    family.access = randomUUID();
    family.refresh = randomUUID();
    seen.resources.add(family.resource);
    const scope = scopes.join(' ');
    const tokens = { access_token: family.access, token_type: 'bearer', expires_in: tokenSeconds, scope };
    return { ...tokens, refresh_token: family.refresh };
  };
  const begin = (clientId: string, resource: string | undefined, scopes?: string[]) => {
    const family = { clientId, access: '', refresh: '', used: new Set<string>(), resource, isOver: false };
    families.push(family);
    return issue(family, scopes);
  };
  const provider: OAuthServerProvider = {
    clientsStore: {
      getClient: (id) => clients.get(id),
      ...(registers && {
        registerClient: (client) => {
          const full = client as OAuthClientInformationFull;
          clients.set(full.client_id, full);
          return full;
        },
      }),
    },
    async authorize(client, params, response) {
      const code = randomUUID();
      codes.set(code, { ...params, clientId: client.client_id });
      const target = new URL(params.redirectUri);
      target.searchParams.set('code', code);
      target.searchParams.set('state', params.state ?? '');
      response.redirect(target.href);
    },
    challengeForAuthorizationCode: async (_, code) => codes.get(code)?.codeChallenge ?? '',
    async exchangeAuthorizationCode(client, code, _verifier, redirectUri, resource) {
      const asked = codes.get(code);
      codes.delete(code);
      if (asked?.clientId !== client.client_id || asked.redirectUri !== redirectUri)
        throw new InvalidGrantError('The code is for another client.');
      return begin(client.client_id, resource?.href, asked.scopes);
    },
    async exchangeRefreshToken(client, refresh, _, resource) {
      seen.refreshes += 1;
      const family = families.find((one) => one.refresh === refresh || one.used.has(refresh));
      if (family?.used.has(refresh)) {
        seen.reused += 1;
        family.isOver = true;
      }
      if (!family || family.isOver || family.clientId !== client.client_id)
        throw new InvalidGrantError('The refresh token is not valid.');
      family.used.add(refresh);
      family.resource = resource?.href;
      const tokens = issue(family);
      // Its answer takes a while, as over the internet.
      await new Promise((resolve) => setTimeout(resolve, 150));
      return tokens;
    },
    async verifyAccessToken(token) {
      const family = families.find(({ access, isOver }) => access === token && !isOver);
      if (!family) throw new InvalidTokenError('The token is not valid.');
      const expiresAt = Math.floor(Date.now() / 1000) + 60;
      return { token, clientId: family.clientId, scopes: [], expiresAt };
    },
    async revokeToken(_, { token }) {
      for (const family of families)
        if ([family.access, family.refresh].includes(token)) family.isOver = true;
    },
  };

  const app = express();
  const listener = app.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const url = `${origin}/mcp`;

  app.get('/.well-known/oauth-authorization-server', (_, response, next) => {
    const { json } = response;
    response.json = (body) =>
      json.call(response, { ...body, device_authorization_endpoint: `${origin}/device` });
    next();
  });
  app.post('/device', express.urlencoded(), (request: Request, response: Response) => {
    const [code, userCode] = [randomUUID(), randomUUID().slice(0, 8).toUpperCase()];
    devices.set(code, { userCode, clientId: request.body.client_id, approved: false, asked: 0 });
    const verification_uri = `${origin}/activate`;
    response.json({
      device_code: code,
      user_code: userCode,
      verification_uri,
      expires_in: 60,
      interval: 0.1,
    });
  });
  // The SDK's own handler knows neither of these grants.
  app.post('/token', express.urlencoded(), (request: Request, response: Response, next) => {
    const { grant_type, device_code, client_id, client_secret, resource } = request.body;
    if (!answersRefresh) return void response.status(503).json({ error: 'temporarily_unavailable' });
    if (grant_type === DEVICE) {
      const device = devices.get(device_code);
      if (device) device.asked += 1;
      if (device?.clientId !== client_id) return void response.status(400).json({ error: 'invalid_grant' });
      if (!device?.approved) return void response.status(400).json({ error: 'authorization_pending' });
      devices.delete(device_code);
      return void response.json(begin(client_id, resource));
    }
    if (grant_type !== 'client_credentials') return next();
    const basic = Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
    if ((client_secret ?? basic.split(':')[1]) !== clientSecret)
      return void response.status(401).json({ error: 'invalid_client' });
    const { refresh_token: _, ...tokens } = begin('machine', resource);
    response.json(tokens);
  });
  const noLimits = { rateLimit: false } as const;
  app.use(
    mcpAuthRouter({
      provider,
      issuerUrl: new URL(origin),
      resourceServerUrl: new URL(url),
      scopesSupported: ['tools'],
      authorizationOptions: noLimits,
      clientRegistrationOptions: noLimits,
      tokenOptions: noLimits,
      revocationOptions: noLimits,
    }),
  );
  app.use('/mcp', (_, response, next) => {
    response.once('finish', () => {
      if (response.statusCode === 401) seen.refused += 1;
    });
    next();
  });
  const resourceMetadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`;
  app.use('/mcp', requireBearerAuth({ verifier: provider, resourceMetadataUrl }));
  app.post('/mcp', express.json(), async (request, response) => {
    const server = new McpServer({ name: 'locked', version: '1' });
    server.registerTool('ping', { description: 'Answers pong.', annotations: { readOnlyHint: true } }, () => {
      seen.calls += 1;
      return { content: [{ type: 'text', text: 'pong' }] };
    });
    const transport = new StreamableHTTPServerTransport({});
    await server.connect(transport as Transport);
    await transport.handleRequest(request, response, request.body);
  });
  app.all('/mcp', (_, response) => void response.status(405).end());

  return {
    url,
    origin,
    seen,
    clients,
    /** Registers a client by hand, as an operator does on the server's site. */
    addClient: (client: OAuthClientInformationFull) => clients.set(client.client_id, client),
    /** Approves all device codes that wait. */
    approveDevices: () => {
      for (const device of devices.values()) device.approved = true;
    },
    deviceQuestions: () => Math.max(0, ...[...devices.values()].map(({ asked }) => asked)),
    /** Ends the access tokens: each must be renewed. */
    expire: () => {
      for (const family of families) family.access = '';
    },
    /** Ends all logins for good. */
    endLogins: () => {
      for (const family of families) family.isOver = true;
    },
    answerTokens: (answers: boolean) => {
      answersRefresh = answers;
    },
    async stop(): Promise<void> {
      listener.closeAllConnections();
      listener.close();
    },
  };
}
