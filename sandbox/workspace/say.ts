import { randomUUID } from 'node:crypto';
import { tellApp } from './delivery/events.js';
import { workspaceOf } from './grid.js';
import type { Channel, Message, Person } from './protocol.js';
import type { World } from './world.js';

/** Message events and channel types, by kind of channel. */
const EVENTS = {
  public: { name: 'message.channels', channelType: 'channel' },
  private: { name: 'message.groups', channelType: 'group' },
  im: { name: 'message.im', channelType: 'im' },
  mpim: { name: 'message.mpim', channelType: 'mpim' },
} as const;

/** Posts a person's message. The app gets an event if it is a member and has subscribed. */
export async function say(
  world: World,
  user: Person,
  {
    channel,
    text,
    threadTs,
    redeliver = 0,
  }: { channel: Channel; text: string; threadTs?: string; redeliver?: number },
): Promise<Message> {
  const { state } = world;
  const parent = threadTs === undefined ? undefined : state.message(channel.id, threadTs);
  if (threadTs !== undefined && !parent) throw new Error('The message that this replies to is gone.');
  const thread = parent && (parent.threadTs ?? parent.ts);
  const message = state.addMessage({
    channel: channel.id,
    user: user.id,
    text,
    ...(thread && { threadTs: thread }),
  });
  state.presenceChanged(user.id, false);
  state.markRead(user.id, channel.id, message.ts);
  if (channel.members.includes(state.data.app.botUser)) await tell(world, channel, message, redeliver);
  else if (mentionsBot(world, text)) whisperAbsence(world, user, message);
  return message;
}

async function tell(world: World, channel: Channel, message: Message, redeliver: number): Promise<void> {
  const { state } = world;
  const { ts, threadTs } = message;
  const sender = state.person(message.user);
  const about = {
    user: message.user,
    text: message.text,
    ts,
    client_msg_id: randomUUID(),
    team: workspaceOf(state, sender),
    ...(sender?.external && { user_team: sender.external.team, source_team: sender.external.team }),
    channel: channel.id,
    event_ts: ts,
    ...(threadTs && { thread_ts: threadTs, parent_user_id: state.message(channel.id, threadTs)?.user }),
  };
  const { name, channelType } = EVENTS[channel.kind];
  await tellApp(world, name, { type: 'message', channel_type: channelType, ...about });
  // In a direct message with the app, Slack sends no separate event for a mention.
  if (channel.kind === 'im' || !mentionsBot(world, message.text)) return;
  await tellApp(world, 'app_mention', { type: 'app_mention', ...about }, { redeliver });
}

function mentionsBot({ state }: World, text: string): boolean {
  return new RegExp(`<@${state.data.app.botUser}(\\|[^>]*)?>`).test(text);
}

function whisperAbsence({ state }: World, user: Person, { channel, threadTs }: Message): void {
  const { botUser } = state.data.app;
  const handle = state.person(botUser)?.name;
  state.whisper(
    { channel, user: user.id, ...(threadTs && { threadTs }) },
    `You mentioned <@${botUser}>, but they’re not in this channel. To add them, type \`/invite @${handle}\`.`,
  );
}
