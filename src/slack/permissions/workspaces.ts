import type { WebClient } from '@slack/web-api';
import { toRemoteError } from '../client/web/failures.js';

/**
 * Asks Slack, and where the token is an organization's, asks about each workspace that the app is added to. Some methods want its id then
 * (`missing_argument`). Returns the first answer; undefined answers are passed over.
 *
 * @throws the last failure, if no workspace answers.
 */
export async function askWorkspaces<T>(
  client: WebClient,
  ask: (workspace: { team_id?: string }) => Promise<T>,
): Promise<T> {
  try {
    return await ask({});
  } catch (error) {
    if (toRemoteError('', error).code !== 'missing_argument') throw error;
    return await askEach(await listWorkspaces(client), ask, error);
  }
}

async function askEach<T>(
  workspaces: string[],
  ask: (workspace: { team_id: string }) => Promise<T>,
  error: unknown,
): Promise<T> {
  let failure = error;
  let answer: { last: T } | undefined;
  for (const team_id of workspaces) {
    try {
      answer = { last: await ask({ team_id }) };
      if (answer.last !== undefined) return answer.last;
    } catch (refused) {
      const { retryable, operatorCanFix } = toRemoteError('', refused);
      if (retryable || operatorCanFix) throw refused;
      // It may be known in another workspace.
      failure = refused;
    }
  }
  if (answer) return answer.last;
  throw failure;
}

async function listWorkspaces(client: WebClient): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.auth.teams.list({ limit: 1000, ...(cursor && { cursor }) });
    ids.push(...(page.teams ?? []).flatMap(({ id }) => id ?? []));
    cursor = page.response_metadata?.next_cursor;
  } while (cursor);
  return ids;
}
