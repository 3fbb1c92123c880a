import type { ModelAccess } from '../llm/access.js';
import { ConfigError } from '../platform/errors.js';
import type { SecretFiles } from './secrets/secret-files.js';

/** Variables of the way to Claude: the names of its SDKs. */
export type ModelVariable =
  | `ANTHROPIC_${'API_KEY' | 'AUTH_TOKEN' | 'BASE_URL' | 'BEDROCK_BASE_URL' | 'MODEL' | 'VERTEX_BASE_URL' | 'VERTEX_PROJECT_ID'}`
  | 'AWS_BEARER_TOKEN_BEDROCK'
  | 'AWS_REGION'
  | 'CLOUD_ML_REGION';

const MODEL = 'claude-sonnet-5-5';

/**
 * Chooses the way to Claude: a key or a token for the Messages API, else Vertex AI, else Amazon Bedrock. `AWS_REGION` comes last, because it is
 * set on every machine of AWS.
 *
 * @throws ConfigError that names what is missing.
 */
export function readModelAccess(
  read: (name: ModelVariable) => string | undefined,
  { secret }: Pick<SecretFiles, 'secret'>,
): ModelAccess {
  const [apiKey, authToken] = [read('ANTHROPIC_API_KEY'), read('ANTHROPIC_AUTH_TOKEN')];
  const model = read('ANTHROPIC_MODEL');
  if (apiKey !== undefined || authToken !== undefined) {
    const baseURL = read('ANTHROPIC_BASE_URL');
    const credentials = {
      ...(authToken && { authToken: secret('ANTHROPIC_AUTH_TOKEN', authToken) }),
      ...(apiKey && { apiKey: secret('ANTHROPIC_API_KEY', apiKey) }),
    };
    return { model: model ?? MODEL, ...credentials, ...(baseURL && { baseURL }) };
  }
  const vertex = readVertex(read);
  if (vertex) return { model: model ?? MODEL, cloud: vertex };
  const bedrock = readBedrock(read);
  if (bedrock) return { model: model ?? `global.anthropic.${MODEL}`, cloud: bedrock };
  throw missing(
    'ANTHROPIC_API_KEY',
    'Create a key in the Claude Console under API keys. Or set ANTHROPIC_AUTH_TOKEN for a gateway, AWS_REGION for Amazon Bedrock, or CLOUD_ML_REGION for Vertex AI.',
  );
}

function readVertex(read: (name: ModelVariable) => string | undefined): ModelAccess['cloud'] {
  const region = read('CLOUD_ML_REGION');
  const [projectId, baseURL] = [read('ANTHROPIC_VERTEX_PROJECT_ID'), read('ANTHROPIC_VERTEX_BASE_URL')];
  if (region) return { name: 'vertex', region, ...(projectId && { projectId }), ...(baseURL && { baseURL }) };
  if (projectId ?? baseURL) throw missing('CLOUD_ML_REGION', 'Set the region of Vertex AI, such as global.');
  return undefined;
}

function readBedrock(read: (name: ModelVariable) => string | undefined): ModelAccess['cloud'] {
  const [region, baseURL] = [read('AWS_REGION'), read('ANTHROPIC_BEDROCK_BASE_URL')];
  const apiKey = read('AWS_BEARER_TOKEN_BEDROCK');
  if (region) return { name: 'bedrock', region, ...(apiKey && { apiKey }), ...(baseURL && { baseURL }) };
  if (baseURL ?? apiKey) throw missing('AWS_REGION', 'Set the region of Amazon Bedrock, such as eu-west-1.');
  return undefined;
}

function missing(name: ModelVariable, remedy: string): ConfigError {
  return new ConfigError(name, `${name} is missing. ${remedy}`);
}
