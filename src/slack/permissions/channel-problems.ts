import { toRemoteError } from '../client/failures.js';
import { clientOf, type SlackAccess } from './identity.js';

/** Problems of these channels, by id, a sentence each: the policy names them, and a part of it may never apply. */
export async function channelProblems(access: SlackAccess, ids: string[]): Promise<string[]> {
  const client = clientOf(access);
  const problems: string[] = [];
  // One after the other: Slack allows about 50 such calls a minute, and the client waits as long as it is told to.
  for (const id of ids) {
    const named = `The policy names the channel ${id}`;
    try {
      const { channel } = await client.conversations.info({ channel: id });
      if (channel?.is_archived) problems.push(`${named} (#${channel.name ?? id}), which is archived.`);
    } catch (error) {
      const { code, message } = toRemoteError('conversations.info', error);
      problems.push(
        code === 'channel_not_found'
          ? `${named}, which Slack doesn't know: correct the id, or invite the bot if the channel is private.`
          : `${named}, and whether there is one can't be told: ${message}`,
      );
    }
  }
  return problems;
}
