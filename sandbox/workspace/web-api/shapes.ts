import type { StoredFile } from '../files/stored-file.js';
import { channelTeams, messageTeams, userTeams, workspaceOf } from '../grid.js';
import type { Channel, Person } from '../protocol.js';
import type { StoredMessage, WorkspaceState } from '../state.js';
import type { Fields } from '../validation/problems.js';
import { zoneOf } from '../zone.js';

/** A message, as the Web API and payloads show it. */
export function apiMessage(state: WorkspaceState, message: StoredMessage, withMetadata = false): Fields {
  const {
    user,
    ts,
    text,
    blocks,
    files,
    threadTs,
    replyCount,
    replyUsers,
    latestReply,
    edited,
    reactions,
    metadata,
    subtype,
  } = message;
  const { app } = state.data;
  return {
    type: 'message',
    ...(subtype && { subtype, hidden: true, is_locked: false, subscribed: false }),
    user,
    ts,
    text,
    ...messageTeams(state, state.person(user)),
    ...(user === app.botUser && { bot_id: app.botId, app_id: app.id }),
    ...(blocks && { blocks }),
    ...(files && {
      files: files.map(({ id }) => fileIn(state, id)),
      upload: true,
      display_as_bot: false,
    }),
    ...((threadTs || replyCount > 0) && { thread_ts: threadTs ?? ts }),
    ...(subtype && { parent_user_id: user }),
    ...(threadTs && { parent_user_id: state.message(message.channel, threadTs)?.user }),
    ...(replyCount > 0 && {
      reply_count: replyCount,
      reply_users: replyUsers,
      reply_users_count: replyUsers.length,
      latest_reply: latestReply,
    }),
    ...(edited && { edited: { user, ts: edited.ts } }),
    ...(reactions.length > 0 && {
      reactions: reactions.map(({ name, users }) => ({ name, users, count: users.length })),
    }),
    ...(withMetadata && metadata && { metadata }),
  };
}

function fileIn(state: WorkspaceState, id: string): Fields {
  const file = state.data.files[id];
  const mode = file ? state.fileFields.get(id)?.mode : 'tombstone';
  if (!file || mode === 'tombstone' || mode === 'hidden_by_limit') return { id, mode };
  // A file of another organization is shown by its id alone. Source: Slack's "Slack Connect", files.
  if (state.person(file.user)?.external) {
    const nothing = { created: 0, timestamp: 0, user: '' };
    return { id, mode: 'file_access', file_access: 'check_file_info', ...nothing };
  }
  return apiFile(state, file);
}

/** A file, as Slack's "File object". */
export function apiFile(state: WorkspaceState, file: StoredFile): Fields {
  const { id, name, user, created, shares, preview, lines } = file;
  const address = `${state.url}files/${id}/${encodeURIComponent(name)}`;
  const isPublic = ({ channel }: { channel: string }) => state.channel(channel)?.kind === 'public';
  return {
    id,
    created,
    timestamp: created,
    name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.filetype,
    pretty_type: file.prettyType,
    user,
    user_team: state.data.team.id,
    editable: false,
    size: file.size,
    mode: 'hosted',
    is_external: false,
    external_type: '',
    is_public: shares.some(isPublic),
    public_url_shared: false,
    display_as_bot: false,
    username: '',
    url_private: address,
    url_private_download: `${address}?download=1`,
    permalink: address,
    ...(file.altText && { alt_txt: file.altText }),
    ...(preview !== undefined && { preview, lines }),
    channels: shares.filter(isPublic).map(({ channel }) => channel),
    shares: {
      ...(shares.some(isPublic) && { public: sharesByChannel(shares.filter(isPublic)) }),
      ...(!shares.every(isPublic) && {
        private: sharesByChannel(shares.filter((share) => !isPublic(share))),
      }),
    },
    ...state.fileFields.get(id),
  };
}

function sharesByChannel(shares: StoredFile['shares']): Record<string, Fields[]> {
  const byChannel: Record<string, Fields[]> = {};
  for (const { channel, ts, threadTs } of shares) {
    byChannel[channel] = [...(byChannel[channel] ?? []), { ts, ...(threadTs && { thread_ts: threadTs }) }];
  }
  return byChannel;
}

export function apiChannel(state: WorkspaceState, channel: Channel): Fields {
  const { id, name, kind, topic, members, isArchived } = channel;
  const direct = kind === 'im' || kind === 'mpim';
  return {
    id,
    ...(kind === 'im' ? { user: name } : { name, name_normalized: name }),
    is_channel: kind === 'public',
    is_group: kind === 'private',
    is_im: kind === 'im',
    is_mpim: kind === 'mpim',
    is_private: kind !== 'public',
    is_archived: isArchived,
    is_general: name === 'general',
    is_member: members.includes(state.data.app.botUser),
    ...channelTeams(state, channel),
    ...(!direct && { topic: { value: topic, creator: '', last_set: 0 }, num_members: members.length }),
  };
}

export function apiUser(state: WorkspaceState, person: Person): Fields {
  const { id, name, realName, color, isBot, tz } = person;
  const account = state.accounts.get(id);
  return {
    id,
    ...userTeams(state, person),
    name,
    real_name: realName,
    color: color.replace('#', ''),
    is_bot: isBot,
    is_app_user: false,
    tz,
    ...zoneOf(tz),
    profile: {
      real_name: realName,
      display_name: name,
      team: account?.team_id ?? person.external?.enterprise ?? workspaceOf(state, person),
    },
    ...account,
  };
}
