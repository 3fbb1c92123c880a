import { clientOf, type SlackAccess } from './identity.js';

/** Finds the scopes among `wanted` that the bot token lacks. Slack names a token's scopes in a header of each answer, and others may not. */
export async function findMissingScopes(access: SlackAccess, wanted: string[]): Promise<string[]> {
  const { response_metadata } = await clientOf(access).auth.test();
  const { scopes } = (response_metadata ?? {}) as { scopes?: string[] };
  return scopes ? wanted.filter((scope) => !scopes.includes(scope)) : [];
}
