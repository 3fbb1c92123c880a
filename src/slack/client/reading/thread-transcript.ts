import type { WebClient } from '@slack/web-api';
import { showHidden } from '../../../approval/hidden-text.js';
import { messageText } from '../../listeners/markup.js';
import { clip } from '../../messages/kit/text.js';
import { unlessRefused } from '../web/web.js';
import type { SlackFile } from './thread-files.js';

/** A message of a thread, as far as it is used. */
export interface SlackMessage {
  ts?: string;
  user?: string;
  bot_id?: string;
  bot_profile?: { name?: string };
  username?: string;
  subtype?: string;
  text?: string;
  attachments?: {
    pretext?: string;
    title?: string;
    text?: string;
    fallback?: string;
    fields?: { title?: string; value?: string }[];
  }[];
  files?: SlackFile[];
}

/** Names of people and apps, each in one line. */
export interface SlackNames {
  author(message: SlackMessage): string;
  person(id: string): string | undefined;
}

/** Limits for the transcript, in messages and in characters, and for one message. */
const LIMITS = { messages: 200, chars: 40_000, charsOfOne: 8_000 };
const MAX_NAMES = 50;
const NAME_CHARS = 80;
const USER = /<@([UW][A-Z0-9]+)>/g;

/** Looks up the names of those who wrote the messages, and who are mentioned in them. A person without a name keeps the id. */
export async function namesIn(client: WebClient, messages: SlackMessage[]): Promise<SlackNames> {
  const mentioned = messages.flatMap(({ text }) => [...(text ?? '').matchAll(USER)].map(([, id = '']) => id));
  const authors = messages.flatMap(({ user }) => user ?? []);
  const ids = [...new Set([...authors, ...mentioned])].slice(0, MAX_NAMES);
  const names = new Map(await Promise.all(ids.map(async (id) => [id, await nameOf(client, id)] as const)));
  return {
    author({ user, username, bot_id, bot_profile }) {
      const name = oneLine(username || bot_profile?.name || '') || (user && names.get(user)) || user;
      if (!name) return 'an app';
      // An app chooses its name for each message: it could choose that of a person.
      return bot_id === undefined ? name : `${name} (app)`;
    },
    person: (id) => names.get(id),
  };
}

async function nameOf(client: WebClient, id: string): Promise<string | undefined> {
  const answer = await client.users.info({ user: id }).catch(unlessRefused(undefined));
  const { user } = answer ?? {};
  return oneLine(user?.real_name || user?.name || '') || undefined;
}

/** Writes the newest messages down, the oldest of them first. The first message of the thread is always among them. */
export function writeTranscript(
  messages: SlackMessage[],
  names: SlackNames,
): { transcript: string; count: number } {
  const [first, ...replies] = messages;
  if (first === undefined) return { transcript: '', count: 0 };
  const root = entryOf(first, names);
  const kept: string[] = [];
  let left = LIMITS.chars - root.length;
  // Only those that fit are written: a thread can hold hundreds of megabytes.
  for (const message of replies.toReversed()) {
    if (kept.length === LIMITS.messages - 1) break;
    const entry = entryOf(message, names);
    left -= entry.length;
    if (left < 0) break;
    kept.unshift(entry);
  }
  return { transcript: [root, ...kept].join('\n'), count: kept.length + 1 };
}

/** A message with its time (UTC) and its author. Later lines are indented, so that no text can look like another message. */
function entryOf(message: SlackMessage, names: SlackNames): string {
  const at = new Date(Number(message.ts) * 1_000).toISOString().slice(0, 16).replace('T', ' ');
  const files = (message.files ?? []).map(({ name }) => `(file: ${oneLine(name ?? 'without a name')})`);
  const words = showHidden([textOf(message, names), ...files].filter(Boolean).join('\n')) || '(nothing)';
  const cut = words.length > LIMITS.charsOfOne ? `${clip(words, LIMITS.charsOfOne)} (cut)` : words;
  return `[${at}] ${names.author(message)}: ${cut.replaceAll('\n', '\n    ')}`;
}

/** Text of a message as people see it. Alerts of apps often have theirs in attachments. */
function textOf({ text, attachments }: SlackMessage, { person }: SlackNames): string {
  const parts = (attachments ?? []).flatMap(({ pretext, title, text, fallback, fields = [] }) => [
    pretext,
    title,
    text || fallback,
    ...fields.map(({ title: name, value }) => `${name ?? ''}: ${value ?? ''}`),
  ]);
  const named = [text, ...parts]
    .filter(Boolean)
    .join('\n')
    .replaceAll(USER, (whole, id: string) => (person(id) ? `<@${id}|${person(id)}>` : whole));
  return messageText(named, new Map());
}

function oneLine(name: string): string {
  return clip(
    showHidden(name)
      .replaceAll(/[\s<>|]+/g, ' ')
      .trim(),
    NAME_CHARS,
  );
}
