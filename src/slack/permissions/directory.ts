import type { UsersInfoResponse, WebClient } from '@slack/web-api';
import type { Person } from '../../approval/person.js';
import type { GroupMembers } from '../../approval/policy.js';
import { RemoteError } from '../../errors.js';
import { isTimeZone } from '../../schedule/next-times.js';

/** Members of a group, and teams of a person, are remembered this long, in milliseconds: a burst of clicks asks Slack once. */
const REMEMBERED_MS = 30_000;

export type Directory = ReturnType<typeof createDirectory>;

/** The members of several groups; null where Slack can't say just now, so that nobody counts. `onFailure` hears why. */
export async function membersOf(
  directory: Pick<Directory, 'members'>,
  groups: string[],
  onFailure: (group: string, error: unknown) => void = () => {},
): Promise<GroupMembers> {
  const members = groups.map(async (group) => {
    try {
      return [group, (await directory.members(group, { fresh: false })) ?? null] as const;
    } catch (error) {
      onFailure(group, error);
      return [group, null] as const;
    }
  });
  return Object.fromEntries(await Promise.all(members));
}

/** Looks up groups, people and channel members in Slack. Errors are the client's: `RemoteError`s. */
export function createDirectory(client: WebClient) {
  const remembered = new Map<string, { at: number; users: readonly string[] }>();
  const knownTeams = new Map<string, { at: number; teams: readonly string[] }>();

  return {
    /** The user ids in a group; undefined when Slack can't say for good (no such group, no scope). `fresh` past what is remembered. */
    async members(group: string, { fresh }: { fresh: boolean }): Promise<readonly string[] | undefined> {
      const known = remembered.get(group);
      if (known && !fresh && Date.now() - known.at < REMEMBERED_MS) return known.users;
      remembered.delete(group);
      try {
        const users = await readGroup(client, group);
        remembered.set(group, { at: Date.now(), users });
        return users;
      } catch (error) {
        if (error instanceof RemoteError && !error.retryable && !error.operatorCanFix) return undefined;
        throw error;
      }
    },

    /**
     * Every team and organization that a person belongs to; empty where Slack names none, or we lack the scope to ask. `unknown`: there is
     * no such person in that team, or they may not decide (a bot, deactivated, a stranger to us).
     */
    async teamsOf(person: Person, { fresh = true } = {}): Promise<readonly string[] | 'unknown'> {
      const known = knownTeams.get(person.user);
      const isRecent = known !== undefined && Date.now() - known.at < REMEMBERED_MS;
      const teams = isRecent && !fresh ? known.teams : await readTeams(client, person.user);
      if (teams === 'unknown') return teams;
      knownTeams.set(person.user, { at: Date.now(), teams });
      return teams.length === 0 || teams.includes(person.team) ? teams : 'unknown';
    },

    /** Tells whether a person is in a channel. It reads the channel's members in pages of 1,000. */
    async isInChannel(channel: string, { user }: Pick<Person, 'user'>): Promise<boolean> {
      let cursor: string | undefined;
      do {
        const page = await client.conversations.members({ channel, limit: 1000, ...(cursor && { cursor }) });
        if (page.members?.includes(user)) return true;
        cursor = page.response_metadata?.next_cursor;
      } while (cursor);
      return false;
    },

    /** A person's IANA time zone; undefined where Slack doesn't say, or names one that isn't one. */
    async timeZoneOf({ user: id }: Pick<Person, 'user'>): Promise<string | undefined> {
      const { user } = await client.users.info({ user: id });
      return user?.tz && isTimeZone(user.tz) ? user.tz : undefined;
    },

    /** Tells whether the bot can post in a channel: it is no part of a direct message between two people, say. */
    async isReachable(id: string): Promise<boolean> {
      try {
        const { channel } = await client.conversations.info({ channel: id });
        return channel?.is_member !== false || channel.is_im === true;
      } catch (error) {
        return !(error instanceof RemoteError) || error.code !== 'channel_not_found';
      }
    },

    /** Problems of these groups, a sentence each: the policy names them, and nobody can approve by them. */
    async problems(groups: string[]): Promise<string[]> {
      const problems: string[] = [];
      for (const group of groups) {
        try {
          const users = await readGroup(client, group);
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

async function readGroup(client: WebClient, usergroup: string): Promise<readonly string[]> {
  const { users = [] } = await client.usergroups.users.list({ usergroup });
  return users;
}

type User = NonNullable<UsersInfoResponse['user']>;

async function readTeams(client: WebClient, id: string): Promise<readonly string[] | 'unknown'> {
  try {
    const { user } = await client.users.info({ user: id });
    if (!user || user.deleted || user.is_bot || user.is_stranger) return 'unknown';
    return teamsIn(user);
  } catch (error) {
    if (!(error instanceof RemoteError) || error.retryable || error.operatorCanFix) throw error;
    return error.code === 'missing_scope' ? [] : 'unknown';
  }
}

/**
 * Every id by which Slack may name a person's team: their workspace's, and on Enterprise Grid those of all their workspaces and their
 * organization's, which stands in interactions. Source: Slack's "User object" and "block_suggestion payloads".
 */
function teamsIn({ team_id, teams = [], profile, enterprise_id, enterprise_user: grid }: User): string[] {
  const ids = [team_id, ...teams, profile?.team, enterprise_id, grid?.enterprise_id, ...(grid?.teams ?? [])];
  return ids.filter((id): id is string => id !== undefined && id !== '');
}
