import type { Channel, Person } from '../protocol.js';
import type { StoredMessage, WorkspaceState } from '../state.js';
import type { Fields } from '../validation/problems.js';

/** A message as the Web API and payloads show it. */
export function apiMessage(state: WorkspaceState, message: StoredMessage, withMetadata = false): Fields {
  const {
    user,
    ts,
    text,
    blocks,
    threadTs,
    replyCount,
    replyUsers,
    latestReply,
    edited,
    reactions,
    metadata,
  } = message;
  const { app, team } = state.data;
  return {
    type: 'message',
    user,
    ts,
    text,
    team: team.id,
    ...(user === app.botUser && { bot_id: app.botId, app_id: app.id }),
    ...(blocks && { blocks }),
    ...((threadTs || replyCount > 0) && { thread_ts: threadTs ?? ts }),
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
    context_team_id: state.data.team.id,
    ...(!direct && { topic: { value: topic, creator: '', last_set: 0 }, num_members: members.length }),
  };
}

export function apiUser(state: WorkspaceState, person: Person): Fields {
  const { id, name, realName, color, isBot } = person;
  return {
    id,
    team_id: state.data.team.id,
    name,
    real_name: realName,
    color: color.replace('#', ''),
    deleted: false,
    is_bot: isBot,
    is_app_user: false,
    tz: 'Etc/UTC',
    tz_offset: 0,
    profile: { real_name: realName, display_name: name },
  };
}
