import type { WebClient } from '@slack/web-api';
import type { Messenger } from '../../activities/ports.js';
import type { MessageRef, ThreadMessage } from '../../run/message.js';
import { context } from '../messages/kit/blocks.js';
import type { MessageWithAttachments } from '../messages/kit/payload.js';
import { clip, escapeMrkdwn } from '../messages/kit/text.js';
import { progressMessage } from '../messages/progress/progress.js';
import { requestMessage } from '../messages/request/request-message.js';
import { resultPages, shortResult } from '../messages/result/result.js';
import { attach, attachFile } from './attach.js';
import { postOnce, threadPlace } from './post-once.js';
import { channelOf, updateMessage } from './web.js';

/** Posts messages in the threads of cards. */
export function createThreadMessages(
  client: WebClient,
): Pick<Messenger, 'postInThread' | 'updateInThread' | 'postResult'> {
  const placeUnder = async ({ channel, ...ref }: MessageRef) =>
    threadPlace({ ...ref, channel: await channelOf(client, channel) });

  return {
    /** The texts that a message is too small for stand whole before it: nobody decides on what they can't read. */
    async postInThread({ thread, message }, once) {
      const { text, blocks, attachments } = threadMessage(message);
      const place = await placeUnder(thread);
      for (const [index, attachment] of attachments.entries()) {
        await attach(client, place, attachment, { ...once, key: `${once.key}/whole/${index + 1}` });
      }
      return await postOnce(client, { ...place, text, blocks }, once);
    },

    async updateInThread({ ref, message }) {
      await updateMessage(client, ref, threadMessage(message));
    },

    /** A long result is posted as its beginning and a file. */
    async postResult({ thread, ...result }, once) {
      const place = await placeUnder(thread);
      const short = shortResult(result);
      const isAttached =
        short && (await attachFile(client, place, short.attachment, { ...once, key: `${once.key}/whole` }));
      const pages = isAttached ? [short.blocks] : resultPages(result);
      const text = escapeMrkdwn(clip(result.text, 3_000));
      let first: MessageRef | undefined;
      for (const [index, blocks] of pages.entries()) {
        const part = pages.length > 1 ? [context(`Part ${index + 1} of ${pages.length}`)] : [];
        const post = { ...place, text, blocks: [...blocks, ...part] };
        const ref = await postOnce(client, post, { ...once, key: `${once.key}/${index + 1}` });
        first ??= ref;
      }
      return first ?? thread;
    },
  };
}

function threadMessage(message: ThreadMessage): MessageWithAttachments {
  return message.kind === 'progress' ? progressMessage(message) : requestMessage(message);
}
