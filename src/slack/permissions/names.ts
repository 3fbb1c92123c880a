import type { WebClient } from '@slack/web-api';
import { RemoteError } from '../../platform/errors.js';
import { withTimeout } from '../../platform/with-timeout.js';
import { unlessRefused } from '../client/web/web.js';
import { remember } from './remember.js';
import { askWorkspaces } from './workspaces.js';

/** Time for which a name is cached, in milliseconds. */
const REMEMBERED_MS = 10 * 60_000;

/** Limit for the names that are looked up for one text. */
const MOST = 20;

/** Name that stands for a private channel, as in Slack for people who aren't in it. */
const PRIVATE = 'private-channel';

/** How Slack shows people, channels and groups, by id, without `@` and `#`. */
export type Names = ReadonlyMap<string, string>;

/**
 * Creates a look-up of names. Ids that Slack doesn't name within `withinMs` are left out. A private channel is named only where the names are shown
 * in that channel itself (`shownIn`).
 */
export function createNames(client: WebClient) {
  const people = remember((id) => readPersonName(client, id));
  const groups = remember((id) => readGroupName(client, id));
  const channels = remember((id) => readChannel(client, id));
  const nameOf = async (id: string, shownIn: string): Promise<string | undefined> => {
    if (/^[UW]/.test(id)) return await people(id, REMEMBERED_MS);
    if (id.startsWith('S')) return await groups(id, REMEMBERED_MS);
    const { name, isPrivate } = await channels(id, REMEMBERED_MS);
    return isPrivate && id !== shownIn ? PRIVATE : name;
  };
  return async (ids: string[], { shownIn, withinMs }: { shownIn: string; withinMs: number }) => {
    const names = new Map<string, string>();
    const lookUp = async (id: string) => {
      const name = await nameOf(id, shownIn).catch(unlessRefused(undefined));
      if (name) names.set(id, name);
    };
    await withTimeout(
      withinMs,
      () => Promise.all(ids.slice(0, MOST).map(lookUp)),
      () => undefined,
    );
    return new Map(names) as Names;
  };
}

async function readPersonName(client: WebClient, id: string): Promise<string | undefined> {
  const { user } = await client.users.info({ user: id });
  return user?.profile?.display_name || user?.profile?.real_name || user?.name;
}

async function readGroupName(client: WebClient, id: string): Promise<string | undefined> {
  return await askWorkspaces(client, async (workspace) => {
    const { usergroups = [] } = await client.usergroups.list({ ...workspace });
    return usergroups.find((group) => group.id === id)?.handle;
  });
}

async function readChannel(client: WebClient, id: string): Promise<{ name?: string; isPrivate: boolean }> {
  try {
    const { channel } = await client.conversations.info({ channel: id });
    return { isPrivate: channel?.is_private === true, ...(channel?.name && { name: channel.name }) };
  } catch (error) {
    // Slack hides private channels from a bot that isn't in them.
    if (error instanceof RemoteError && error.code === 'channel_not_found') return { isPrivate: true };
    throw error;
  }
}
