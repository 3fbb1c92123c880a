import type { AgentSession, Channel, Message, Person, QueuedCommand } from '../../workspace/protocol.js';
import { type PageState, type ThreadRef, threadKey, type Workspace } from './page-state.js';

export const isReply = (message: Message) =>
  message.threadTs !== undefined && message.threadTs !== message.ts;

/** True if a person sees a channel: a public one, or one with the person as a member. */
export const canSee = (channel: Channel, person: string) =>
  channel.kind === 'public' || channel.members.includes(person);

/** The DM between a person and another one (or the app); undefined if it was never opened. */
export function directMessage(workspace: Workspace, me: string, other: string): Channel | undefined {
  return Object.values(workspace.channels).find(
    (channel) => channel.kind === 'im' && channel.members.includes(me) && partner(channel, me) === other,
  );
}

/** True for the app's direct message with a person. */
export const isAppChannel = ({ kind, members }: Channel, { app }: Workspace) =>
  kind === 'im' && members.includes(app.botUser);

/** False for the Messages tab of an app that takes no messages. */
export const takesMessages = (workspace: Workspace, channel: Channel) =>
  workspace.app.takesMessages || !isAppChannel(channel, workspace);

export const isSameThread = (one: AgentSession, other: AgentSession) =>
  one.channel === other.channel && one.thread === other.thread;

/** A person's commands in a channel that wait until the app is connected. */
export const queuedIn = ({ workspace, me }: PageState, channel: string): QueuedCommand[] =>
  (workspace?.queued ?? []).filter((queued) => queued.user === me && queued.channel === channel);

/** A command as it was typed. */
export const typedCommand = ({ command, text }: QueuedCommand) => `${command} ${text}`.trim();

/** The app's session as an agent in the thread under a message. */
export const sessionIn = ({ sessions }: Workspace, { channel, ts }: ThreadRef): AgentSession | undefined =>
  sessions.find((session) => session.channel === channel && session.thread === ts);

/** The other person of a DM. */
const partner = (channel: Channel, me: string) =>
  channel.members.find((member) => member !== me) ?? channel.name;

export function currentChannel(state: PageState): Channel | undefined {
  const { workspace, place, me } = state;
  if (!workspace) return undefined;
  if (place.kind === 'app') return directMessage(workspace, me, workspace.app.botUser);
  return workspace.channels[place.channel];
}

/** Title of a channel: `#general`, or the other person's name. */
export function channelTitle(workspace: Workspace, channel: Channel, me: string): string {
  if (channel.kind === 'im') return displayName(workspace.people[partner(channel, me)]);
  if (channel.kind === 'mpim') {
    const others = channel.members.filter((member) => member !== me);
    return others.map((member) => displayName(workspace.people[member])).join(', ');
  }
  return `#${channel.name}`;
}

export const displayName = (person: Person | undefined) => person?.realName || person?.name || 'Someone';

/** Messages of a channel's main list that a person sees. */
export function rootMessages(messages: readonly Message[] | undefined, me: string): Message[] {
  return (messages ?? []).filter((message) => !isReply(message) && mayRead(message, me));
}

/** Replies of a thread that a person sees, oldest first. */
export function replies(messages: readonly Message[] | undefined, ts: string, me: string): Message[] {
  return (messages ?? []).filter(
    (message) => isReply(message) && message.threadTs === ts && mayRead(message, me),
  );
}

const mayRead = (message: Message, me: string) => message.onlyFor === undefined || message.onlyFor === me;

export interface Unread {
  /** True if there is any new message; the name is then bold. */
  any: boolean;
  /** New messages for this person: direct messages, mentions, and expected replies. */
  count: number;
}

export function unreadIn(state: PageState, channel: Channel): Unread {
  const { workspace, me } = state;
  const readUpTo = workspace?.read[me]?.[channel.id] ?? '';
  const fresh = rootMessages(workspace?.messages[channel.id], me).filter(
    (message) => message.ts > readUpTo && message.user !== me && !message.fromSlackbot,
  );
  const mention = `<@${me}`;
  const direct = channel.kind === 'im' || channel.kind === 'mpim';
  const concerning = direct ? fresh : fresh.filter((message) => message.text.includes(mention));
  const inThreads = Object.entries(state.unreadReplies[me] ?? {}).filter(([key]) =>
    key.startsWith(threadKey(channel.id, '')),
  );
  const awaited = inThreads.filter(([key]) => direct || state.follows[me]?.[key]);
  const repliesAwaited = awaited.reduce((sum, [, count]) => sum + count, 0);
  return { any: fresh.length > 0 || inThreads.length > 0, count: concerning.length + repliesAwaited };
}

/** True once the app has posted in public; until then the welcome is shown. */
export function appHasSpoken(workspace: Workspace): boolean {
  return Object.values(workspace.messages).some((messages) =>
    messages.some((message) => message.user === workspace.app.botUser && message.onlyFor === undefined),
  );
}

/** Channel of the welcome: #general, or the first public one. */
export function firstChannel(workspace: Workspace): Channel | undefined {
  const channels = Object.values(workspace.channels).filter((channel) => channel.kind === 'public');
  return channels.find((channel) => channel.name === 'general') ?? channels[0];
}
