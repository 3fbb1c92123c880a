import type { UsersInfoResponse, WebClient } from '@slack/web-api';
import type { Person } from '../../approval/person.js';
import type { GroupMembers } from '../../approval/policy.js';
import { RemoteError } from '../../platform/errors.js';
import { isTimeZone } from '../../schedule/next-times.js';

/** Members of a group, and teams of a person, are remembered this long, in milliseconds. */
const REMEMBERED_MS = 30_000;

export type Directory = ReturnType<typeof createDirectory>;

/** The members of several groups; null where Slack can't say, so that nobody counts. `failures`: why it can't just now, by group. */
export async function membersOf(directory: Pick<Directory, 'members'>, groups: string[]) {
  const failures = new Map<string, unknown>();
  const members: GroupMembers = {};
  const read = async (group: string) => {
    const users = directory.members(group, { fresh: false });
    members[group] = (await users.catch((error: unknown) => void failures.set(group, error))) ?? null;
  };
  await Promise.all(groups.map(read));
  return { members, failures };
}

/** Looks up groups, people and channel members in Slack. Errors are the client's: `RemoteError`s. */
export function createDirectory(client: WebClient) {
  const groups = remember((usergroup) => readGroup(client, usergroup));
  const teams = remember((user) => readTeams(client, user));

  return {
    /** The user ids in a group; undefined when Slack can't say for good (no such group, no scope). `fresh` past what is remembered. */
    async members(group: string, { fresh }: { fresh: boolean }): Promise<readonly string[] | undefined> {
      try {
        return await groups(group, fresh);
      } catch (error) {
        if (isForGood(error)) return undefined;
        throw error;
      }
    },

    /**
     * Every team and organization that a person belongs to; empty where Slack names none, or we lack the scope to ask. `unknown`: there is
     * no such person in that team, or they may not decide (a bot, deactivated, a stranger to us).
     */
    async teamsOf({ user, team }: Person, { fresh = true } = {}): Promise<readonly string[] | 'unknown'> {
      const known = await teams(user, fresh);
      return known === 'unknown' || known.length === 0 || known.includes(team) ? known : 'unknown';
    },

    /** Tells whether a person is in a channel that we can see. It reads the channel's members in pages of 1,000. */
    async isInChannel(channel: string, { user }: Pick<Person, 'user'>): Promise<boolean> {
      try {
        let cursor: string | undefined;
        do {
          const page = await client.conversations.members({
            channel,
            limit: 1000,
            ...(cursor && { cursor }),
          });
          if (page.members?.includes(user)) return true;
          cursor = page.response_metadata?.next_cursor;
        } while (cursor);
      } catch (error) {
        if (!isForGood(error)) throw error;
      }
      return false;
    },

    /** A person's IANA time zone; undefined where Slack doesn't say, or names one that isn't one. */
    async timeZoneOf({ user }: Pick<Person, 'user'>): Promise<string | undefined> {
      const tz = (await readUser(client, user))?.tz;
      return tz && isTimeZone(tz) ? tz : undefined;
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
  };
}

/** Remembers answers for a moment. Those who ask at the same time share one question; a failure is forgotten. */
function remember<T>(read: (id: string) => Promise<T>): (id: string, fresh: boolean) => Promise<T> {
  const known = new Map<string, { at: number; answer: Promise<T> }>();
  return async (id, fresh) => {
    const last = known.get(id);
    if (last && !fresh && Date.now() - last.at < REMEMBERED_MS) return await last.answer;
    const answer = read(id);
    known.set(id, { at: Date.now(), answer });
    answer.catch(() => known.delete(id));
    return await answer;
  };
}

export async function readGroup(client: WebClient, usergroup: string): Promise<readonly string[]> {
  const { users = [] } = await client.usergroups.users.list({ usergroup });
  return users;
}

type User = NonNullable<UsersInfoResponse['user']>;

async function readUser(client: WebClient, id: string): Promise<User | undefined> {
  return (await client.users.info({ user: id })).user;
}

async function readTeams(client: WebClient, id: string): Promise<readonly string[] | 'unknown'> {
  try {
    const user = await readUser(client, id);
    const mayDecide = user && !user.deleted && !user.is_bot && !user.is_stranger;
    return mayDecide ? teamsIn(user) : 'unknown';
  } catch (error) {
    if (!isForGood(error)) throw error;
    return error.code === 'missing_scope' ? [] : 'unknown';
  }
}

/** Tells whether no other attempt, and no operator, can mend a failure. */
function isForGood(error: unknown): error is RemoteError {
  return error instanceof RemoteError && !error.retryable && !error.operatorCanFix;
}

/**
 * Every id by which Slack may name a person's team: their workspace's, and on Enterprise Grid those of all their workspaces and their
 * organization's, which stands in interactions. Source: Slack's "User object" and "block_suggestion payloads".
 */
function teamsIn({ team_id, teams = [], profile, enterprise_id, enterprise_user: grid }: User): string[] {
  const ids = [team_id, ...teams, profile?.team, enterprise_id, grid?.enterprise_id, ...(grid?.teams ?? [])];
  return ids.filter((id): id is string => id !== undefined && id !== '');
}
