import type { Message } from '../../workspace/protocol.js';
import { keepTyped } from './inputs.js';
import { containerKey, type PageState, threadKey, type Workspace } from './page-state.js';
import { canSee, currentChannel, isAppChannel, isReply } from './selectors.js';

/** Time after a command in which a post of the app counts as its answer, in seconds. */
const ANSWER_WITHIN = 300;

/** Inserts a message in order, or replaces the one with its `ts`. */
export function insertMessage(state: PageState, message: Message): PageState {
  const { workspace } = state;
  if (!workspace) return state;
  const before = workspace.messages[message.channel] ?? [];
  const known = before.some((other) => other.ts === message.ts);
  const after = known
    ? before.map((other) => (other.ts === message.ts ? message : other))
    : insertSorted(before, message);
  const next = withMessages(state, workspace, message.channel, after);
  if (known) return keepInputs(next, message);
  return isReply(message) ? replyArrived(next, message) : rootArrived(next, message);
}

export function removeMessage(state: PageState, channel: string, ts: string): PageState {
  const { workspace } = state;
  const before = workspace?.messages[channel];
  if (!workspace || !before) return state;
  const next = withMessages(
    state,
    workspace,
    channel,
    before.filter((message) => message.ts !== ts),
  );
  if (next.thread?.channel !== channel || next.thread.ts !== ts) return next;
  const { thread: _gone, ...rest } = next;
  return rest;
}

function withMessages(
  state: PageState,
  workspace: Workspace,
  channel: string,
  messages: readonly Message[],
): PageState {
  return { ...state, workspace: { ...workspace, messages: { ...workspace.messages, [channel]: messages } } };
}

function insertSorted(messages: readonly Message[], message: Message): Message[] {
  const at = messages.findIndex((other) => other.ts > message.ts);
  return at === -1 ? [...messages, message] : [...messages.slice(0, at), message, ...messages.slice(at)];
}

/** Keeps typed values whose inputs still exist. */
function keepInputs(state: PageState, message: Message): PageState {
  const suffix = containerKey('', `${message.channel}:${message.ts}`);
  const keys = Object.keys(state.typed).filter((key) => key.endsWith(suffix));
  if (keys.length === 0) return state;
  const typed = { ...state.typed };
  for (const key of keys) typed[key] = keepTyped(message.blocks ?? [], typed[key] ?? {});
  return { ...state, typed };
}

/** The app's first post after a person's command starts the thread that the person follows; so does a mention of the app. */
function rootArrived(state: PageState, message: Message): PageState {
  if (isForApp(state, message)) return follow(state, message.user, threadKey(message.channel, message.ts));
  if (message.user !== state.workspace?.app.botUser || message.onlyFor !== undefined) return state;
  const key = threadKey(message.channel, message.ts);
  const follows = { ...state.follows };
  for (const [person, { channel, since }] of Object.entries(state.awaited)) {
    const age = Number(message.ts) - since;
    const answers = channel === message.channel && age > -1 && age < ANSWER_WITHIN;
    if (answers) follows[person] = { ...follows[person], [key]: true };
  }
  return { ...state, follows };
}

/** True for a mention of the app, and for a person's message in its direct message. */
function isForApp({ workspace }: PageState, { text, channel, user, onlyFor }: Message): boolean {
  if (!workspace || user === workspace.app.botUser || onlyFor !== undefined) return false;
  const place = workspace.channels[channel];
  return text.includes(`<@${workspace.app.botUser}`) || (!!place && isAppChannel(place, workspace));
}

function follow(state: PageState, person: string, key: string): PageState {
  return { ...state, follows: { ...state.follows, [person]: { ...state.follows[person], [key]: true } } };
}

/** Opens a reply's thread for a person who expects it and is in its channel; for others the reply is unread. */
function replyArrived(state: PageState, reply: Message): PageState {
  const ts = reply.threadTs ?? reply.ts;
  const key = threadKey(reply.channel, ts);
  const reading = state.thread && threadKey(state.thread.channel, state.thread.ts) === key;
  const here = currentChannel(state)?.id === reply.channel;
  const waitsForIt = state.follows[state.me]?.[key] === true && reply.user !== state.me;
  const visible = reply.onlyFor === undefined || reply.onlyFor === state.me;
  const opens = here && waitsForIt && visible && !state.thread;
  const seenByMe = reading || opens;

  const unreadReplies = { ...state.unreadReplies };
  for (const person of readersOf(state, reply)) {
    if (person === state.me && seenByMe) continue;
    const counts = unreadReplies[person] ?? {};
    unreadReplies[person] = { ...counts, [key]: (counts[key] ?? 0) + 1 };
  }
  const asked = isForApp(state, reply) ? follow(state, reply.user, key) : state;
  const next = { ...asked, unreadReplies };
  return opens ? { ...next, thread: { channel: reply.channel, ts } } : next;
}

function readersOf(state: PageState, message: Message): string[] {
  const channel = state.workspace?.channels[message.channel];
  return Object.values(state.workspace?.people ?? {})
    .filter((person) => !person.isBot && person.id !== message.user)
    .filter((person) => message.onlyFor === undefined || message.onlyFor === person.id)
    .filter((person) => channel && canSee(channel, person.id))
    .map((person) => person.id);
}
