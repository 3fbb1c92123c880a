import { workspaceOfCall } from '../grid.js';
import type { Channel } from '../protocol.js';
import type { StoredMessage } from '../state.js';
import {
  type Api,
  ApiError,
  type Args,
  channelOf,
  isMember,
  knownPerson,
  type Method,
  page,
  scopeFor,
} from './request.js';
import { apiChannel, apiMessage, apiUser } from './shapes.js';

const KINDS: Record<string, Channel['kind']> = {
  public_channel: 'public',
  private_channel: 'private',
  im: 'im',
  mpim: 'mpim',
};

export const conversations: Record<string, Method> = {
  'conversations.info': (api, args) => {
    const channel = withScope(api, args, 'read');
    return { channel: apiChannel(api.state, channel) };
  },

  'conversations.list': (api, args) => {
    api.need('channels:read', 'groups:read', 'im:read', 'mpim:read');
    workspaceOfCall(api, args);
    const kinds = (args.string('types') ?? 'public_channel').split(',').map((type) => KINDS[type.trim()]);
    const all = api.state.data.channels.filter(
      (channel) =>
        kinds.includes(channel.kind) &&
        (channel.kind === 'public' || isMember(api, channel)) &&
        !(args.flag('exclude_archived') && channel.isArchived),
    );
    const { items, next } = page(all, args, 100);
    const channels = items.map((channel) => apiChannel(api.state, channel));
    return { channels, response_metadata: { next_cursor: next } };
  },

  'conversations.history': (api, args) => {
    const channel = readable(api, args);
    const roots = visible(api, channel).filter((message) => !message.threadTs);
    return messagesPage(api, inWindow(roots, args).reverse(), args);
  },

  'conversations.replies': (api, args) => {
    const channel = readable(api, args);
    const ts = args.need('ts', 'thread_not_found');
    const parent = api.state.message(channel.id, ts);
    if (!parent) throw new ApiError('thread_not_found');
    const replies = visible(api, channel).filter((message) => message.threadTs === ts);
    return messagesPage(api, [parent, ...inWindow(replies, args)], args);
  },

  'conversations.members': (api, args) => {
    const { members } = withScope(api, args, 'read');
    const { items, next } = page(members, args, 100);
    return { members: items, response_metadata: { next_cursor: next } };
  },

  'conversations.open': (api, args) => {
    const known = args.string('channel');
    if (known) return { channel: { id: channelOf(api, known).id } };
    const users = args.need('users', 'users_list_not_supplied').split(',');
    api.need(users.length > 1 ? 'mpim:write' : 'im:write');
    for (const user of users) {
      const person = knownPerson(api, user);
      if (apiUser(api.state, person).deleted === true) throw new ApiError('user_disabled');
    }
    return { channel: { id: api.state.directMessage([...users, api.state.data.app.botUser]).id } };
  },

  'conversations.join': (api, args) => {
    api.need('channels:join');
    const channel = channelOf(api, args.need('channel', 'channel_not_found'));
    if (channel.isArchived) throw new ApiError('is_archived');
    if (channel.kind !== 'public') throw new ApiError('method_not_supported_for_channel_type');
    if (!isMember(api, channel)) {
      channel.members.push(api.state.data.app.botUser);
      api.state.channelChanged(channel);
    }
    return { channel: apiChannel(api.state, channel) };
  },
};

function withScope(api: Api, args: Args, right: 'read' | 'history'): Channel {
  const channel = channelOf(api, args.need('channel', 'channel_not_found'));
  api.need(scopeFor(channel, right));
  return channel;
}

function readable(api: Api, args: Args): Channel {
  const channel = withScope(api, args, 'history');
  if (!isMember(api, channel)) throw new ApiError('not_in_channel');
  return channel;
}

function visible(api: Api, channel: Channel): StoredMessage[] {
  return api.state.messagesIn(channel.id).filter((message) => !message.onlyFor);
}

function inWindow(messages: StoredMessage[], args: Args): StoredMessage[] {
  const oldest = Number(args.string('oldest') ?? 0);
  const latest = Number(args.string('latest') ?? Number.POSITIVE_INFINITY);
  const inclusive = args.flag('inclusive');
  return messages.filter(({ ts }) => {
    const at = Number(ts);
    return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
  });
}

function messagesPage(api: Api, all: StoredMessage[], args: Args) {
  const { items, next } = page(all, args, 100, 999);
  return {
    messages: items.map((message) => apiMessage(api.state, message, args.flag('include_all_metadata'))),
    has_more: next !== '',
    response_metadata: { next_cursor: next },
  };
}
