import { changeDirectMessage, directMessageEvent } from '../delivery/direct-messages.js';
import type { Block, Channel, Json } from '../protocol.js';
import type { StoredMessage } from '../state.js';
import { blockProblems, isTooLong, losesRichText, tablesIn, withIds } from '../validation/blocks.js';
import { LIMITS } from '../validation/limits.js';
import { type Fields, isFields } from '../validation/problems.js';
import { type Api, ApiError, type Args, channelOf, isMember, type Method } from './request.js';
import { apiMessage } from './shapes.js';

export const chat: Record<string, Method> = {
  'chat.postMessage': (api, args) => {
    api.need('chat:write');
    const channel = writable(api, args.need('channel', 'channel_not_found'));
    const message = api.state.addMessage({
      channel: channel.id,
      user: api.state.data.app.botUser,
      ...contentOf(api, args),
      ...threadOf(api, args, channel),
      ...metadataOf(args),
    });
    if (message.threadTs) api.agent.sessions.clearWords(channel.id, message.threadTs);
    api.tellApp('message.im', directMessageEvent(api.state, message));
    return { channel: channel.id, ts: message.ts, message: apiMessage(api.state, message, true) };
  },

  'chat.postEphemeral': (api, args) => {
    api.need('chat:write');
    const channel = writable(api, args.need('channel', 'channel_not_found'));
    const user = args.need('user');
    if (!channel.members.includes(user)) throw new ApiError('user_not_in_channel');
    const threadTs = args.string('thread_ts');
    const message_ts = api.state.addEphemeral({
      channel: channel.id,
      user: api.state.data.app.botUser,
      onlyFor: user,
      ...contentOf(api, args),
      ...(threadTs && { threadTs }),
    });
    return { message_ts };
  },

  'chat.update': (api, args) => {
    api.need('chat:write');
    const message = ownMessage(api, args, 'cant_update_message');
    if (api.state.channel(message.channel)?.isArchived) throw new ApiError('is_inactive');
    const { text, blocks } = contentOf(api, args);
    // Blocks don't help: chat.postMessage takes such a text beside them, chat.update doesn't (pymc-labs/daimon#106).
    if (text.length > LIMITS.updateText) throw new ApiError('msg_too_long');
    if (losesRichText(message.blocks, blocks)) throw new ApiError('block_mismatch');
    const metadata = metadataOf(args);
    const change = () => {
      message.text = text;
      if (blocks) message.blocks = blocks;
      else delete message.blocks;
      // Source: Slack's "chat.update". People see no "(edited)" on an update with blocks.
      if (blocks) delete message.edited;
      else message.edited = { ts: api.state.newTs() };
      Object.assign(message, metadata);
      api.state.messageChanged(message);
    };
    api.tellApp('message.im', changeDirectMessage(api.state, message, change));
    return { channel: message.channel, ts: message.ts, text, message: apiMessage(api.state, message, true) };
  },

  'chat.delete': (api, args) => {
    api.need('chat:write');
    const message = ownMessage(api, args, 'cant_delete_message');
    const remove = () => api.state.deleteMessage(message);
    api.tellApp('message.im', changeDirectMessage(api.state, message, remove));
    return { channel: message.channel, ts: message.ts };
  },

  'chat.getPermalink': (api, args) => {
    const channel = channelOf(api, args.need('channel', 'channel_not_found'));
    const message = api.state.message(channel.id, args.need('message_ts', 'message_not_found'));
    if (!message) throw new ApiError('message_not_found');
    return { channel: channel.id, permalink: permalink(api.url, message) };
  },
};

/** Address of a message on the page. */
export function permalink(url: string, { channel, ts, threadTs }: StoredMessage): string {
  const address = `${url}archives/${channel}/p${ts.replace('.', '')}`;
  return threadTs ? `${address}?thread_ts=${threadTs}&cid=${channel}` : address;
}

/** Finds a channel for a post. @throws ApiError when the bot can't post there; `restricted`: where only some people may. */
export function writable(api: Api, name: string, restricted?: string): Channel {
  const channel = channelOf(api, name);
  if (channel.isArchived) throw new ApiError('is_archived');
  const isOpen = channel.kind === 'public' && api.scopes.includes('chat:write.public');
  if (!isMember(api, channel) && !isOpen) throw new ApiError('not_in_channel');
  const restriction = api.state.restrictions.get(channel.id);
  if (restriction) throw new ApiError(restricted ?? restriction);
  return channel;
}

/**
 * The thread of a post. Slack says nothing about a parent that is gone: it posts into the channel, and only the answer's missing `thread_ts`
 * shows it (slack-go#1571, open-swe#2753).
 */
export function threadOf({ state }: Api, args: Args, { id }: Channel): Pick<StoredMessage, 'threadTs'> {
  const ts = args.string('thread_ts');
  const parent = ts === undefined ? undefined : state.message(id, ts);
  return parent ? { threadTs: parent.threadTs ?? parent.ts } : {};
}

function ownMessage(api: Api, args: Args, refusal: string): StoredMessage {
  const channel = channelOf(api, args.need('channel', 'channel_not_found'));
  const message = api.state.message(channel.id, args.need('ts', 'message_not_found'));
  if (!message || message.onlyFor) throw new ApiError('message_not_found');
  if (message.user !== api.state.data.app.botUser) throw new ApiError(refusal);
  return message;
}

/** Reads text and blocks, and enforces Slack's limits. */
export function contentOf({ state }: Pick<Api, 'state'>, args: Args): { text: string; blocks?: Block[] } {
  const text = args.string('text') ?? '';
  const given = args.json('blocks', 'invalid_blocks_format');
  if (given === undefined || (Array.isArray(given) && given.length === 0)) {
    if (text === '') throw new ApiError('no_text');
    if (text.length > LIMITS.messageText) throw new ApiError('msg_too_long');
    return { text };
  }
  const messages = blockProblems(given, 'messages');
  if (messages.length > 0)
    throw new ApiError('invalid_blocks', { errors: messages, response_metadata: { messages } });
  // Slack reports a second table with this error, although tables are blocks.
  if (tablesIn(given) > 1) throw new ApiError('invalid_attachments', { errors: ['only_one_table_allowed'] });
  if (isTooLong(given)) throw new ApiError('msg_blocks_too_long');
  const blocks = withIds(given as Fields[], (prefix) => state.newId(prefix)) as unknown as Block[];
  return { text, blocks };
}

function metadataOf(args: Args): Pick<StoredMessage, 'metadata'> {
  const given = args.json('metadata', 'invalid_metadata_format');
  if (given === undefined) return {};
  if (!isFields(given) || typeof given.event_type !== 'string' || !isFields(given.event_payload)) {
    throw new ApiError('invalid_metadata_format');
  }
  if (Buffer.byteLength(JSON.stringify(given.event_payload)) > LIMITS.metadataBytes) {
    throw new ApiError('metadata_too_large');
  }
  const event_payload = given.event_payload as Record<string, Json>;
  return { metadata: { event_type: given.event_type, event_payload } };
}
