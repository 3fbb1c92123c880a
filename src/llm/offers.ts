import type { ServerTool } from '../run/execution/conversation.js';
import type { ModelAccess } from './access.js';

/**
 * True if the place that serves the model may have a server tool. Amazon Bedrock has none, and Vertex AI has web search alone. An endpoint that
 * is compatible with Claude's API may have any, and refuses what it doesn't have. Source: Anthropic's overview of features by platform.
 */
export function mayOffer({ cloud }: Pick<ModelAccess, 'cloud'>, tool: ServerTool): boolean {
  if (cloud?.name === 'bedrock') return false;
  return cloud?.name !== 'vertex' || tool === 'web_search';
}
