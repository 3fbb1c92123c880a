import { randomUUID } from 'node:crypto';
import { tellApp } from './delivery/events.js';
import { type StoredFile, sharedFile } from './files/stored-file.js';
import { messageTeams } from './grid.js';
import type { Channel, Message, Person } from './protocol.js';
import type { StoredMessage, WorkspaceState } from './state.js';
import type { Fields } from './validation/problems.js';
import { apiMessage } from './web-api/shapes.js';
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
    files = [],
    redeliver = 0,
  }: { channel: Channel; text: string; threadTs?: string; files?: StoredFile[]; redeliver?: number },
): Promise<Message> {
  const { state, manifest } = world;
  const isApp = channel.kind === 'im' && channel.members.includes(state.data.app.botUser);
  if (isApp && !manifest.takesMessages) throw new Error('Sending messages to this app has been turned off.');
  const parent = threadTs === undefined ? undefined : state.message(channel.id, threadTs);
  if (threadTs !== undefined && !parent) throw new Error('The message that this replies to is gone.');
  const thread = parent && (parent.threadTs ?? parent.ts);
  const message = state.addMessage({
    channel: channel.id,
    user: user.id,
    text,
    ...(files.length > 0 && { files: files.map(sharedFile) }),
    ...(thread && { threadTs: thread }),
  });
  for (const file of files) {
    file.shares.push({ channel: channel.id, ts: message.ts, ...(thread && { threadTs: thread }) });
    state.fileChanged(file);
  }
  state.presenceChanged(user.id, false);
  state.markRead(user.id, channel.id, message.ts);
  if (channel.members.includes(state.data.app.botUser)) await tell(world, channel, message, redeliver);
  else if (mentionsBot(world, text)) whisperAbsence(world, user, message);
  return message;
}

async function tell(
  world: World,
  channel: Channel,
  message: StoredMessage,
  redeliver: number,
): Promise<void> {
  const { state } = world;
  const { ts, threadTs, files } = message;
  const sender = state.person(message.user);
  const about = {
    user: message.user,
    text: message.text,
    ts,
    client_msg_id: randomUUID(),
    ...(files ? filesOfEvent(state, message) : teamsOfEvent(state, sender)),
    channel: channel.id,
    event_ts: ts,
    ...(threadTs && { thread_ts: threadTs, parent_user_id: state.message(channel.id, threadTs)?.user }),
  };
  const { name, channelType } = EVENTS[channel.kind];
  const subtype = files && { subtype: 'file_share' };
  const again = channel.kind === 'im' ? { redeliver } : {};
  await tellApp(world, name, { type: 'message', ...subtype, channel_type: channelType, ...about }, again);
  // In a direct message with the app, Slack sends no separate event for a mention.
  if (channel.kind === 'im' || !mentionsBot(world, message.text)) return;
  await tellApp(
    world,
    'app_mention',
    { type: 'app_mention', ...about, ...(!files && messageTeams(state, sender)) },
    { redeliver },
  );
}

/** Teams in an event about a message. That of a stranger's message names only their team. */
function teamsOfEvent(state: WorkspaceState, sender: Person | undefined): Fields {
  return sender?.external ? { team: sender.external.team } : messageTeams(state, sender);
}

/** Fields of an event about a message with files. It names no team. Source: slack-api-specs#62, seratch-slack-types#8. */
function filesOfEvent(state: WorkspaceState, message: StoredMessage): Fields {
  const { files, upload, display_as_bot } = apiMessage(state, message);
  return { files, upload, display_as_bot };
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
