import type { WebClient } from '@slack/web-api';
import type { MessageRef } from '../../run/run.js';
import type { ThreadMessage } from '../../run/thread.js';
import type { ThreadWords } from '../messages/kit/long-text.js';
import { progressMessage } from '../messages/progress/progress.js';
import { questionMessage } from '../messages/question/question-card.js';
import { toolCardMessage } from '../messages/tool/tool-card.js';
import { attach } from './attach.js';
import { type Once, postOnce, threadUnder } from './post-once.js';
import { call, channelOf } from './web.js';

/** Posts a message under a card. What it is too small for stands whole before it: nobody decides on what they can't read. */
export async function postInThread(
  client: WebClient,
  under: MessageRef,
  message: ThreadMessage,
  once: Once,
): Promise<MessageRef> {
  const { text, blocks, attachments } = drawn(message);
  const threadTs = threadUnder(under);
  const place = { channel: await channelOf(client, under.channel), ...(threadTs && { threadTs }) };
  for (const [index, attachment] of attachments.entries()) {
    await attach(client, place, attachment, { ...once, key: `${once.key}/whole/${index + 1}` });
  }
  return await postOnce(client, { ...place, text, blocks }, once);
}

export async function updateInThread(
  client: WebClient,
  { channel, ts }: MessageRef,
  message: ThreadMessage,
): Promise<void> {
  const { text, blocks } = drawn(message);
  await call('chat.update', () => client.chat.update({ channel, ts, text, blocks }));
}

function drawn(message: ThreadMessage): ThreadWords {
  switch (message.kind) {
    case 'tool-call':
      return toolCardMessage(message);
    case 'question':
      return questionMessage(message);
    case 'progress':
      return progressMessage(message);
  }
}
