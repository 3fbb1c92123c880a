import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { ReadThread } from '../../../activities/ports.js';
import { RemoteError, reasonOf } from '../../../platform/errors.js';
import type { MessageRef } from '../../../run/message.js';
import type { ThreadContext } from '../../../run/thread.js';
import { type FilePorts, readFiles, type SharedFile } from './thread-files.js';
import { namesIn, type SlackMessage, type SlackNames, writeTranscript } from './thread-transcript.js';

/** Messages in one request, and requests for one thread. */
const PAGE = 200;
const MAX_PAGES = 25;

interface ReaderParts extends FilePorts {
  /** The app's own bot: what it posted is left out. */
  bot: { botId: string; botUserId: string };
}

/**
 * Creates the function that reads a thread up to a mention, within limits. The mention's own text is left out, because it is the goal. A thread
 * that Slack doesn't show is a `problem`, not an error.
 */
export function createThreadReader({ client, bot, ...parts }: ReaderParts): ReadThread {
  const isOwn = ({ user, bot_id }: SlackMessage) => user === bot.botUserId || bot_id === bot.botId;
  const readAll: ReadThread = async (mention, signal) => {
    const found = await listMessages(client, mention);
    if ('problem' in found) return { ...EMPTY, problem: found.problem };
    const messages = found.messages.filter((message) => !isOwn(message) && message.subtype !== 'tombstone');
    const names = await namesIn(client, messages);
    const said = messages.filter(({ ts }) => ts !== mention.ts);
    const { transcript, count } = writeTranscript(said, names);
    const { files, unread } = await readFiles({ client, ...parts }, filesIn(messages, names), signal);
    if (!found.isWhole) unread.push(NEWER);
    const read = { messages: count, older: said.length - count, transcript, files, unread };
    // Over all that the model gets: whoever could compute the digest beforehand could forge the lines around a text.
    const digest = createHash('sha256').update(JSON.stringify(read)).digest('hex');
    return { ...read, digest };
  };
  return async (mention, signal) => {
    try {
      return await readAll(mention, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RemoteError) throw error;
      // A thread that breaks our own code does so at each attempt.
      return { ...EMPTY, problem: reasonOf(error) };
    }
  };
}

const NEWER = { name: 'newer messages', why: `the thread has over ${PAGE * MAX_PAGES} messages` };

const EMPTY: ThreadContext = { messages: 0, older: 0, transcript: '', files: [], unread: [], digest: '' };

/** Lists a thread's messages up to the mention, each once. Slack may list the thread's root on each page. */
async function listMessages(
  client: WebClient,
  { channel, ts, thread = ts }: MessageRef,
): Promise<{ messages: SlackMessage[]; isWhole: boolean } | { problem: string }> {
  const messages = new Map<string, SlackMessage>();
  const window = { channel, ts: thread, latest: ts, inclusive: true, limit: PAGE };
  let cursor: string | undefined;
  try {
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page = await client.conversations.replies({ ...window, ...(cursor && { cursor }) });
      for (const message of (page.messages ?? []) as SlackMessage[]) {
        if (message.ts !== undefined && Number(message.ts) <= Number(ts)) messages.set(message.ts, message);
      }
      cursor = page.response_metadata?.next_cursor;
      if (!cursor) break;
    }
  } catch (error) {
    if (!(error instanceof RemoteError) || error.retryable || error.operatorCanFix) throw error;
    return { problem: error.message };
  }
  return { messages: [...messages.values()], isWhole: !cursor };
}

function filesIn(messages: SlackMessage[], names: SlackNames): SharedFile[] {
  const shared = new Map<string, SharedFile>();
  for (const message of messages) {
    for (const file of message.files ?? []) shared.set(file.id ?? '', { file, by: names.author(message) });
  }
  return [...shared.values()];
}
