import type { Secret } from '../platform/secret.js';

/** Cloud platform that serves Claude. Its SDK finds the credentials, in its own variables and files, unless there is a key. */
export type Cloud =
  | { name: 'bedrock'; region: string; baseURL?: string; apiKey?: string }
  | { name: 'vertex'; region: string; baseURL?: string; projectId?: string };

/** Way to a model. Without a cloud it is Claude's own API, or an endpoint that is compatible with it. */
export interface ModelAccess {
  model: string;
  apiKey?: Secret;
  /** Token of a gateway. The key is used where there are both. */
  authToken?: Secret;
  /** Any endpoint that is compatible with the Messages API, without `/v1`. */
  baseURL?: string;
  cloud?: Cloud;
}

/** Name of the place that serves the model, for people. */
export function placeOf({ baseURL, cloud }: ModelAccess): string {
  if (cloud?.name === 'bedrock') return `Amazon Bedrock in ${cloud.region}`;
  if (cloud?.name === 'vertex') return `Vertex AI in ${cloud.region}`;
  return baseURL === undefined ? 'the Claude API' : new URL(baseURL).host;
}

/** Variable that holds the credentials, and the way to mend them. */
export function credentialsOf({ apiKey, baseURL, cloud }: ModelAccess): { variable: string; advice: string } {
  if (cloud?.name === 'bedrock') {
    const advice = `Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or AWS_BEARER_TOKEN_BEDROCK, of an account that may use the model in ${cloud.region}.`;
    return { variable: 'AWS_ACCESS_KEY_ID', advice };
  }
  if (cloud?.name === 'vertex') {
    const advice =
      'Run "gcloud auth application-default login", or let GOOGLE_APPLICATION_CREDENTIALS name a file with credentials.';
    return { variable: 'GOOGLE_APPLICATION_CREDENTIALS', advice };
  }
  const variable = apiKey === undefined ? 'ANTHROPIC_AUTH_TOKEN' : 'ANTHROPIC_API_KEY';
  if (baseURL !== undefined) return { variable, advice: `Take one that ${new URL(baseURL).host} gave out.` };
  return { variable, advice: 'Create one in the Claude Console under API keys.' };
}
