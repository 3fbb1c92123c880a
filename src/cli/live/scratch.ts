import { randomUUID } from 'node:crypto';
import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { reasonOf } from '../../platform/errors.js';
import { sendBytes } from '../../slack/client/files/send-bytes.js';
import { toRemoteError } from '../../slack/client/web/failures.js';

/** Slack's answers to the deletion of what is gone already. */
const GONE = ['message_not_found', 'file_not_found', 'file_deleted', 'thread_not_found'];

export interface Posted {
  ts: string;
  /** Thread of the message as Slack's answer names it. */
  thread?: string | undefined;
  /** Blocks as Slack's answer has them. */
  blocks: unknown[];
}

/** Messages and files in a channel that are there for a trial, and are deleted after it. */
export class Scratch {
  /** Value in the metadata of each message. */
  readonly key = randomUUID();
  readonly startedAt = Date.now() / 1000 - 60;
  #messages: { ts: string; isReply: boolean }[] = [];
  #files: string[] = [];

  constructor(
    readonly client: WebClient,
    readonly channel: string,
  ) {}

  async post(text: string, more: { blocks?: KnownBlock[]; thread?: string } = {}): Promise<Posted> {
    const { blocks, thread } = more;
    const { ts = '', message } = await this.client.chat.postMessage({
      channel: this.channel,
      text,
      ...(blocks && { blocks }),
      ...(thread && { thread_ts: thread }),
      unfurl_links: false,
      metadata: { event_type: 'countersign_doctor', event_payload: { key: this.key } },
    });
    const isReply = message?.thread_ts !== undefined && message.thread_ts !== ts;
    this.#messages.push({ ts, isReply });
    return { ts, thread: message?.thread_ts, blocks: message?.blocks ?? [] };
  }

  /** Uploads a file into a thread. Returns its id. */
  async upload(thread: string): Promise<string> {
    const { client, channel: channel_id } = this;
    const body = Buffer.from('countersign doctor\n');
    const name = { filename: 'countersign-doctor.txt', length: body.length };
    const { upload_url = '', file_id: id = '' } = await client.files.getUploadURLExternal(name);
    await sendBytes(upload_url, body);
    const files: [{ id: string; title: string }] = [{ id, title: name.filename }];
    await client.files.completeUploadExternal({ files, channel_id, thread_ts: thread });
    this.#files.push(id);
    return id;
  }

  /** True once a file shows in its thread. */
  async isShown(file: string, thread: string): Promise<boolean> {
    const { messages = [] } = await this.client.conversations.replies({ channel: this.channel, ts: thread });
    const shown = messages.find(({ files = [] }) => files.some(({ id }) => id === file));
    if (shown?.ts) this.#messages.push({ ts: shown.ts, isReply: true });
    return shown !== undefined;
  }

  async delete(ts: string): Promise<void> {
    await this.client.chat.delete({ channel: this.channel, ts });
  }

  /** Deletes everything. Returns what could not be deleted, with the reason. */
  async clean(): Promise<{ deleted: number; left: string[] }> {
    const { channel, client } = this;
    const left: string[] = [];
    let deleted = 0;
    const remove = async (what: string, work: () => Promise<unknown>) => {
      try {
        await work();
        deleted += 1;
      } catch (error) {
        if (!GONE.includes(toRemoteError('', error).code)) left.push(`${what} (${reasonOf(error)})`);
      }
    };
    for (const file of this.#files) await remove(`file ${file}`, () => client.files.delete({ file }));
    await this.#findLost().catch((error: unknown) => left.push(`unknown messages (${reasonOf(error)})`));
    // A root with replies would leave a tombstone.
    const order = this.#messages.toSorted((one, other) => Number(other.isReply) - Number(one.isReply));
    for (const { ts } of order) await remove(`message ${channel}/${ts}`, () => this.delete(ts));
    return { deleted, left };
  }

  /** Finds messages whose answer from Slack got lost. */
  async #findLost(): Promise<void> {
    const { channel, key, startedAt } = this;
    const window = { oldest: startedAt.toFixed(6), include_all_metadata: true, limit: 200 };
    const { messages = [] } = await this.client.conversations.history({ channel, ...window });
    for (const { ts, metadata } of messages) {
      const payload: { key?: unknown } = metadata?.event_payload ?? {};
      const isKnown = this.#messages.some((known) => known.ts === ts);
      if (ts && payload.key === key && !isKnown) this.#messages.push({ ts, isReply: false });
    }
  }
}
