import type { UsersInfoResponse, WebClient } from '@slack/web-api';
import type { Person } from '../../approval/person.js';
import type { GroupMembers } from '../../approval/policy.js';
import { RemoteError } from '../../errors.js';
import { call } from '../client/web.js';

/** A group's members are remembered this long, in milliseconds: a burst of clicks asks Slack once. */
const REMEMBERED_MS = 30_000;

export type Directory = ReturnType<typeof createDirectory>;

/** The members of several groups; null where Slack can't say just now, so that nobody counts. `failed` hears why. */
export async function membersOf(
  directory: Pick<Directory, 'members'>,
  groups: string[],
  failed: (group: string, error: unknown) => void = () => {},
): Promise<GroupMembers> {
  const members = groups.map(async (group) => {
    try {
      return [group, (await directory.members(group, { fresh: false })) ?? null] as const;
    } catch (error) {
      failed(group, error);
      return [group, null] as const;
    }
  });
  return Object.fromEntries(await Promise.all(members));
}

/** Who is who in Slack. Errors are `RemoteError`s, and worth another attempt. */
export function createDirectory(client: WebClient) {
  const remembered = new Map<string, { at: number; users: readonly string[] }>();

  return {
    /** The user ids in a group; undefined when Slack can't say for good (no such group, no scope). `fresh` past what is remembered. */
    async members(group: string, { fresh }: { fresh: boolean }): Promise<readonly string[] | undefined> {
      const known = remembered.get(group);
      if (known && !fresh && Date.now() - known.at < REMEMBERED_MS) return known.users;
      remembered.delete(group);
      try {
        const { users = [] } = await call('usergroups.users.list', () =>
          client.usergroups.users.list({ usergroup: group }),
        );
        remembered.set(group, { at: Date.now(), users });
        return users;
      } catch (error) {
        if (error instanceof RemoteError && !error.retryable && !error.operatorCanFix) return undefined;
        throw error;
      }
    },

    /**
     * Whether there is such a person in that team, they are no bot, not deactivated, and share a channel with us. Without the scope to
     * ask, nobody is doubted.
     */
    async isPerson({ team, user: id }: Person): Promise<boolean> {
      try {
        const { user } = await call('users.info', () => client.users.info({ user: id }));
        if (!user || user.deleted || user.is_bot || user.is_stranger) return false;
        const teams = teamsOf(user);
        return teams.length === 0 || teams.includes(team);
      } catch (error) {
        if (!(error instanceof RemoteError) || error.retryable || error.operatorCanFix) throw error;
        return error.code === 'missing_scope';
      }
    },

    /** What is wrong with these groups, a sentence each: the policy names them, and nobody can approve by them. */
    async problems(groups: string[]): Promise<string[]> {
      const problems: string[] = [];
      for (const group of groups) {
        try {
          const { users = [] } = await call('usergroups.users.list', () =>
            client.usergroups.users.list({ usergroup: group }),
          );
          if (users.length === 0)
            problems.push(`The policy names the user group ${group}, which has no members.`);
        } catch (error) {
          const why = error instanceof RemoteError ? error.message : String(error);
          problems.push(`The policy names the user group ${group}, and nobody can approve by it: ${why}`);
        }
      }
      return problems;
    },
  };
}

type User = NonNullable<UsersInfoResponse['user']>;

/**
 * Every id by which Slack may name a person's team: their workspace's, and on Enterprise Grid those of all their workspaces and their
 * organization's, which stands in interactions. Source: Slack's "User object" and "block_suggestion payloads".
 */
function teamsOf({ team_id, teams = [], profile, enterprise_id, enterprise_user: grid }: User): string[] {
  const ids = [team_id, ...teams, profile?.team, enterprise_id, grid?.enterprise_id, ...(grid?.teams ?? [])];
  return ids.filter((id): id is string => id !== undefined && id !== '');
}
