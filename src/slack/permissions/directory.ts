import type { UsersInfoResponse, WebClient } from '@slack/web-api';
import type { Person } from '../../approval/person.js';
import type { GroupMembers, KnownPerson } from '../../approval/policy.js';
import { RemoteError } from '../../platform/errors.js';
import type { PostObstacle } from '../../run/admission.js';
import { isTimeZone } from '../../schedule/next-times.js';
import type { Identity } from './identity.js';
import { createNames } from './names.js';
import { remember } from './remember.js';
import { askWorkspaces } from './workspaces.js';

/** Time for which a group's members and a person are cached, in milliseconds. */
const REMEMBERED_MS = 30_000;

export type Directory = ReturnType<typeof createDirectory>;

/** Members of several groups; null where Slack can't tell, so that nobody counts. `failures`: errors that may pass, by group. */
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

/** Looks up groups, people, channels and names in Slack. Errors are `RemoteError`s of the client. */
export function createDirectory(client: WebClient) {
  const groups = remember((usergroup) => readGroup(client, usergroup));
  const people = remember((user) => readPerson(client, user));
  const obstacles = remember((channel) => findObstacle(client, channel));

  return {
    namesOf: createNames(client),

    /** User ids in a group; undefined when Slack can never tell (no such group, no scope). `fresh`: bypass the cache. */
    async members(group: string, { fresh }: { fresh: boolean }): Promise<readonly string[] | undefined> {
      try {
        return await groups(group, maxAge(fresh));
      } catch (error) {
        if (isForGood(error)) return undefined;
        throw error;
      }
    },

    /**
     * Looks a person up. `unknown`: no such person in that team or organization, or one who may not decide (a bot, deactivated, or
     * invisible to the app).
     */
    async person(
      { user, team, enterprise }: Person,
      { fresh = true, maxAgeMs = maxAge(fresh) } = {},
    ): Promise<KnownPerson | 'unknown'> {
      const known = await people(user, maxAgeMs);
      if (known === 'unknown' || known.teams.length === 0) return known;
      return known.teams.some((id) => id === team || id === enterprise) ? known : 'unknown';
    },

    /**
     * True for a full member of `home`, the app's own team or organization: no guest, bot, stranger or deactivated account.
     *
     * @throws RemoteError also when the app lacks the scope to ask.
     */
    async isFullMember(
      { user }: Pick<Person, 'user'>,
      home: Identity['home'],
      { fresh }: { fresh: boolean },
    ): Promise<boolean> {
      const known = await people(user, maxAge(fresh));
      if (known === 'unknown' || known.isGuest) return false;
      if (known.teams.length === 0) {
        const traits = { operatorCanFix: true };
        throw new RemoteError(
          'missing_scope',
          'Slack names no team of the person: the app needs users:read.',
          traits,
        );
      }
      return known.teams.some((id) => id === home.team || id === home.enterprise);
    },

    /** True if a person is in a channel that the app can see. Reads the channel's members in pages of 1,000, until `signal` aborts. */
    async isInChannel(
      channel: string,
      { user }: Pick<Person, 'user'>,
      signal?: AbortSignal,
    ): Promise<boolean> {
      try {
        let cursor: string | undefined;
        do {
          signal?.throwIfAborted();
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

    /** A person's IANA time zone; undefined without a valid one. */
    async timeZoneOf({ user }: Pick<Person, 'user'>): Promise<string | undefined> {
      const tz = (await readUser(client, user))?.tz;
      return tz && isTimeZone(tz) ? tz : undefined;
    },

    /** Reason why the bot can't post in a channel; undefined if it can. Slack doesn't tell beforehand who may post in a restricted channel. */
    async whyCannotPost(channel: string): Promise<PostObstacle | undefined> {
      // Whoever has just invited the bot must not be told of a moment ago.
      return (await obstacles(channel, REMEMBERED_MS)) && (await obstacles(channel, 0));
    },
  };
}

function maxAge(fresh: boolean): number {
  return fresh ? 0 : REMEMBERED_MS;
}

export async function readGroup(client: WebClient, usergroup: string): Promise<readonly string[]> {
  const { users = [] } = await askWorkspaces(client, (workspace) =>
    client.usergroups.users.list({ usergroup, ...workspace }),
  );
  return users;
}

/** Slack hides a private channel, and a direct message between other people, from a bot that isn't in it: `channel_not_found`. */
async function findObstacle(client: WebClient, id: string): Promise<PostObstacle | undefined> {
  try {
    const { channel, response_metadata } = await client.conversations.info({ channel: id });
    if (channel?.is_archived) return 'is_archived';
    if (channel?.is_member !== false || channel.is_im) return undefined;
    return response_metadata?.scopes?.includes('chat:write.public') ? undefined : 'not_in_channel';
  } catch (error) {
    if (error instanceof RemoteError && error.code === 'channel_not_found') return error.code;
    throw error;
  }
}

type User = NonNullable<UsersInfoResponse['user']>;

async function readUser(client: WebClient, id: string): Promise<User | undefined> {
  return (await client.users.info({ user: id })).user;
}

async function readPerson(client: WebClient, id: string): Promise<KnownPerson | 'unknown'> {
  try {
    const user = await readUser(client, id);
    if (!user || user.deleted || isBot(user) || user.is_stranger) return 'unknown';
    const isGuest = user.is_restricted === true || user.is_ultra_restricted === true;
    return { teams: teamsIn(user), ...(isGuest && { isGuest }) };
  } catch (error) {
    if (!isForGood(error)) throw error;
    return error.code === 'missing_scope' ? { teams: [] } : 'unknown';
  }
}

function isBot({ id, is_bot, is_workflow_bot, is_connector_bot }: User): boolean {
  // Slackbot has `is_bot: false`.
  return is_bot === true || is_workflow_bot === true || is_connector_bot === true || id === 'USLACKBOT';
}

/** True if neither a retry nor an operator can fix a failure. */
function isForGood(error: unknown): error is RemoteError {
  return error instanceof RemoteError && !error.retryable && !error.operatorCanFix;
}

/**
 * Every id by which Slack may name a person's team. On Enterprise Grid these are all workspaces of the person, and the organization,
 * which appears in interactions. Source: Slack's "User object" and "block_suggestion payloads".
 */
function teamsIn({ team_id, teams = [], profile, enterprise_id, enterprise_user: grid }: User): string[] {
  const ids = [team_id, ...teams, profile?.team, enterprise_id, grid?.enterprise_id, ...(grid?.teams ?? [])];
  return [...new Set(ids.filter((id): id is string => id !== undefined && id !== ''))];
}
