import type Anthropic from '@anthropic-ai/sdk';
import type { Middleware } from '@anthropic-ai/sdk/core/middleware';
import type { AuthClient } from 'google-auth-library';
import type { Cloud } from './access.js';
import { createModel, type ModelSettings, NO_TRACING } from './index.js';

type Settings<Name extends Cloud['name']> = Extract<Cloud, { name: Name }>;

/** Creates the model's client. The SDK of a cloud is loaded where that cloud is used. */
export async function connectModel(settings: ModelSettings): Promise<ReturnType<typeof createModel>> {
  const { cloud } = settings;
  if (!cloud) return createModel(settings);
  const client = await (cloud.name === 'bedrock' ? connectBedrock(cloud) : connectVertex(cloud));
  // Clients of clouds have no `models`, and that of Bedrock has no `messages.countTokens`.
  return createModel(settings, client as unknown as Anthropic);
}

async function connectBedrock({ region, baseURL, apiKey }: Settings<'bedrock'>) {
  const { AnthropicBedrock } = await import('@anthropic-ai/bedrock-sdk');
  return new AnthropicBedrock({
    ...NO_TRACING,
    awsRegion: region,
    maxRetries: 0,
    ...(apiKey && { apiKey }),
    ...(baseURL && { baseURL }),
  });
}

async function connectVertex({ region, projectId, baseURL }: Settings<'vertex'>) {
  const { AnthropicVertex } = await import('@anthropic-ai/vertex-sdk');
  return new AnthropicVertex({
    region,
    authClient: await createAuthClient(projectId),
    ...NO_TRACING,
    maxRetries: 0,
    middleware: [basicWebSearch],
    ...(projectId && { projectId }),
    ...(baseURL && { baseURL }),
  });
}

/**
 * Creates a client that looks for Google's credentials with each request, until they are found. The SDK's own looks once, when it is made:
 * a failure would last, and reject where nobody waits.
 */
async function createAuthClient(projectId: string | undefined): Promise<AuthClient> {
  const { GoogleAuth } = await import('google-auth-library');
  const scopes = 'https://www.googleapis.com/auth/cloud-platform';
  const auth = new GoogleAuth({ scopes, ...(projectId && { projectId }) });
  const client: Pick<AuthClient, 'projectId' | 'getRequestHeaders'> = {
    async getRequestHeaders() {
      const found = await auth.getClient();
      client.projectId = found.projectId ?? null;
      return await found.getRequestHeaders();
    },
  };
  return client as AuthClient;
}

/** Vertex AI has the first version of web search only, behind a beta header. Source: Google Cloud's page on web search with Claude. */
const basicWebSearch: Middleware = async (request, next) => {
  const { body } = request;
  if (typeof body !== 'string' || !/"web_search_\d{8}"/.test(body)) return await next(request);
  request.headers.append('anthropic-beta', 'web-search-2025-03-05');
  return await next({ ...request, body: body.replace(/"web_search_\d{8}"/, '"web_search_20250305"') });
};
