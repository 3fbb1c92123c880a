import type { WebClient } from '@slack/web-api';
import type { Messenger } from '../../activities/ports.js';
import type { CardState } from '../../run/card.js';
import { isOver } from '../../run/execution/progress.js';
import type { MessageRef, ThreadMessage } from '../../run/message.js';
import { context } from '../messages/kit/blocks.js';
import type { MessageWithAttachments } from '../messages/kit/payload.js';
import { notificationLine } from '../messages/kit/text.js';
import { modelWaitMessage } from '../messages/notices/model-wait.js';
import { endingNotice } from '../messages/notices/requester-notice.js';
import { progressMessage } from '../messages/progress/progress.js';
import { requestMessage } from '../messages/request/request-message.js';
import { resultPages, shortResult } from '../messages/result/result.js';
import { attach } from './files/attach.js';
import type { Uploads } from './files/uploads.js';
import { postAllOnce, postOnce, threadPlace } from './post-once.js';
import type { Line, RequesterNotices } from './tell-requester.js';
import { channelOf, updateMessage } from './web/web.js';

/** Posts messages in the threads of cards. */
export function createThreadMessages(
  client: WebClient,
  uploads: Uploads,
  notices: RequesterNotices,
): Pick<Messenger, 'postInThread' | 'updateInThread' | 'postResult'> {
  const placeUnder = async ({ channel, ...ref }: MessageRef) =>
    threadPlace({ ...ref, channel: await channelOf(client, channel) });

  return {
    /** Texts that don't fit into the message are posted whole before it, because nobody should decide on a text that they can't read. */
    async postInThread({ thread, message }, once) {
      const { text, blocks, attachments } = threadMessage(message);
      let place = await placeUnder(thread);
      for (const [at, attachment] of attachments.entries()) {
        const own = { ...once, key: `${once.key}/whole/${at + 1}` };
        place = await attach(client, uploads, { ...place, ...attachment }, own);
      }
      return await postOnce(client, { ...place, text, blocks }, once);
    },

    async updateInThread({ ref, message }, signal) {
      // The last progress of a run is its end, for which the run waits.
      const isProgress = message.kind === 'progress' && !isOver(message);
      return await updateMessage(client, ref, threadMessage(message), { isProgress, signal });
    },

    /** Posts a long result as its beginning and a file. Its mention reaches a requester who is in the channel; another one is told directly. */
    async postResult({ thread, title, ...result }, once) {
      const { shortId, requester } = result;
      const place = await placeUnder(thread);
      const isThere = notices.isThere(place.channel, requester);
      const short = shortResult(result);
      const isAttached = short && (await uploads.share({ ...place, ...short.attachment }, once));
      const pages = isAttached ? [short.blocks] : resultPages(result);
      const text = `Result: ${notificationLine(title, 200)}`;
      const posts = pages.map((page, at, { length }) => {
        const blocks = length > 1 ? [...page, context(`Part ${at + 1} of ${length}`)] : page;
        return { ...place, text, blocks, key: `${once.key}/${at + 1}` };
      });
      const [first = thread] = await postAllOnce(client, posts, once);
      if (await isThere) return first;
      const about = { shortId, title, requester: requester.user };
      const state: CardState = { kind: 'completed', votes: [], result: first };
      const draw: Line['draw'] = (how) => endingNotice(state, { ...about, ...how });
      await notices.tellDirectly({ requester, at: first, people: [], draw }, once);
      return first;
    },
  };
}

function threadMessage(message: ThreadMessage): MessageWithAttachments {
  if (message.kind === 'model-wait') return modelWaitMessage(message);
  return message.kind === 'progress' ? progressMessage(message) : requestMessage(message);
}
