import type { WebClient } from '@slack/web-api';
import type { MessageRef } from '../../run/run.js';
import { context } from '../messages/kit/lines.js';
import { clip, escapeMrkdwn } from '../messages/kit/text.js';
import { type Result, resultPages, shortResult } from '../messages/result/result.js';
import { attachFile } from './attach.js';
import { type Once, postOnce, threadUnder } from './post-once.js';
import { channelOf } from './web.js';

/** Posts a result under a card, a long one as its beginning and a file; returns its first message. */
export async function postResult(
  client: WebClient,
  under: MessageRef,
  result: Result,
  once: Once,
): Promise<MessageRef> {
  const threadTs = threadUnder(under);
  const place = { channel: await channelOf(client, under.channel), ...(threadTs && { threadTs }) };
  const short = shortResult(result);
  const attached =
    short && (await attachFile(client, place, short.attachment, { ...once, key: `${once.key}/whole` }));
  const pages = attached ? [short.blocks] : resultPages(result);
  const text = escapeMrkdwn(clip(result.text, 3_000));
  let first: MessageRef | undefined;
  for (const [index, blocks] of pages.entries()) {
    const more = pages.length > 1 ? [context(`Part ${index + 1} of ${pages.length}`)] : [];
    const post = { ...place, text, blocks: [...blocks, ...more] };
    const ref = await postOnce(client, post, { ...once, key: `${once.key}/${index + 1}` });
    first ??= ref;
  }
  return first ?? under;
}
