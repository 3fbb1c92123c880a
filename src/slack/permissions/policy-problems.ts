import { groupsIn, type PolicyBook } from '../../approval/policy.js';
import { toRemoteError } from '../client/web/failures.js';
import { readGroup } from './directory.js';
import { clientOf, type SlackAccess } from './identity.js';

/** Finds problems of the user groups and channels in a policy, one sentence each. Such a part may never apply. */
export async function findPolicyProblems(access: SlackAccess, policy: PolicyBook): Promise<string[]> {
  const client = clientOf(access);
  const problems: string[] = [];
  // Calls are sequential: Slack allows about 50 a minute, and the client waits as long as Slack asks.
  for (const group of groupsIn(policy)) {
    const named = `The policy names the user group ${group}`;
    try {
      const users = await readGroup(client, group);
      if (users.length === 0) problems.push(`${named}, which has no members.`);
    } catch (error) {
      const { message } = toRemoteError('usergroups.users.list', error);
      problems.push(`${named}, and nobody can approve by it: ${message}`);
    }
  }
  const ofRules = (policy.tools ?? []).flatMap(({ channels = [] }) => channels);
  for (const id of new Set([...Object.keys(policy.channels), ...ofRules])) {
    const named = `The policy names the channel ${id}`;
    try {
      const { channel } = await client.conversations.info({ channel: id });
      if (channel?.is_archived) problems.push(`${named} (#${channel.name ?? id}), which is archived.`);
    } catch (error) {
      const { code, message } = toRemoteError('conversations.info', error);
      problems.push(
        code === 'channel_not_found'
          ? `${named}, which Slack doesn't know: correct the id, or invite the bot if the channel is private.`
          : `${named}, which can't be checked: ${message}`,
      );
    }
  }
  return problems;
}
