import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Messenger, PostOnce } from '../../activities/ports.js';
import { RemoteError } from '../../platform/errors.js';
import type { Card, ShownCard } from '../../run/card.js';
import { DELETED, type MessageRef } from '../../run/message.js';
import type { PlanRevision } from '../../run/plan.js';
import { type RevisionNews, titleOf } from '../../run/requester-notice.js';
import { warnAnd } from '../../telemetry/warnings.js';
import { paginate } from '../messages/kit/paginate.js';
import type { MessagePayload } from '../messages/kit/payload.js';
import { revisionNotice } from '../messages/notices/requester-notice.js';
import { cardMessage } from '../messages/plan/card.js';
import { changeBlocks } from '../messages/plan/changes.js';
import type { CardLinks } from '../messages/plan/status-line.js';
import { isUnthreaded, type Place, postOnce, readMessages, threadPlace } from './post-once.js';
import type { Line, RequesterNotices } from './tell-requester.js';
import { channelOf, ignoreRefusal, permalink, updateMessage } from './web/web.js';

export interface Cards extends Pick<Messenger, 'postCard' | 'updateCard'> {
  /**
   * Reason why people can't see or use a card; undefined when they can. `deleted`: the card alone. `thread_not_found`: the card, and its thread or the
   * root of that. Else Slack's error code for the channel.
   */
  findCardLoss(card: MessageRef): Promise<string | undefined>;
}

/** Posts cards and updates them. The card's thread holds the rest of a long plan, and the changes since the previous revision. */
export function createCards(client: WebClient, notices: RequesterNotices): Cards {
  return {
    async postCard({ channel: to, thread, card, replaces, superseded, previous, news }, once) {
      const channel = await channelOf(client, to);
      const older = replaces && (await permalink(client, replaces));
      const links = older ? { replaces: older } : {};
      const { text, blocks, overflow } = cardMessage(card, links);
      const isLong = overflow.length > 0;
      const first = isLong ? cardMessage(card, { ...links, isCut: true }).blocks : blocks;
      const ref = await postOnce(client, { channel, ...(thread && { thread }), text, blocks: first }, once);
      const rest = overflow.map((page, at) => {
        return { ...threadPlace(ref), text, blocks: page, key: `${once.key}/${at + 2}` };
      });
      try {
        await postUnderCard(client, rest, once);
        // The buttons come last, because nobody should approve a plan that they can't read.
        if (isLong) await updateMessage(client, ref, { text, blocks });
      } catch (error) {
        if (error instanceof RemoteError && DELETED.has(error.code)) throw cardDeleted(error);
        // Without the rest of its plan the run fails, so the card is deleted.
        if (error instanceof RemoteError && !error.retryable) await deleteMessage(client, ref);
        throw error;
      }
      const line = news && card.planned && revisionLine(card, news, card.planned.revision, ref);
      const heading = line && (await headingFor(notices, ref, line, once));
      if (previous && card.planned) await postChanges(client, ref, [previous, card.planned], once, heading);
      if (superseded) await linkToNext(client, superseded, ref);
      return ref;
    },

    async updateCard({ ref, card }, signal) {
      await updateMessage(client, ref, cardMessage(card, await findLinks(client, card)), { signal });
    },

    async findCardLoss({ ts, ...place }) {
      const { channel, thread } = place;
      try {
        if (!channel.startsWith('D')) {
          const info = await client.conversations.info({ channel });
          if (info.channel?.is_archived) return 'is_archived';
          if (info.channel?.is_member === false) return 'not_in_channel';
        }
        // Slack lists a thread's root first.
        const window = { latest: ts, oldest: ts, inclusive: true, limit: thread ? 2 : 1 };
        const { messages = [] } = await readMessages(client, place, window);
        const left = messages.filter(({ subtype }) => subtype !== 'tombstone');
        if (left.some((message) => message.ts === ts)) return undefined;
        return thread && !left.some((message) => message.ts === thread) ? 'thread_not_found' : 'deleted';
      } catch (error) {
        if (error instanceof RemoteError && CARD_LOST.has(error.code)) return error.code;
        throw error;
      }
    },
  };
}

function revisionLine(card: Card, news: RevisionNews, revision: number, at: MessageRef): Line {
  const { shortId, requester } = card;
  const about = { shortId, title: titleOf(card), requester: requester.user };
  const draw: Line['draw'] = (how) => revisionNotice(news, revision, { ...about, ...how });
  return { requester, at, people: [news.by.user], draw };
}

/** The line about a new revision for its thread. Undefined where the requester needs none there. A new card in a direct message notifies by itself. */
async function headingFor(
  notices: RequesterNotices,
  ref: MessageRef,
  line: Line,
  once: PostOnce,
): Promise<MessagePayload | undefined> {
  if (ref.channel.startsWith('D') && !ref.thread) return undefined;
  const isThere = await notices.isThere(ref.channel, line.requester);
  if (!isThere && (await notices.tellDirectly(line, once))) return undefined;
  return await notices.drawFor(ref, line);
}

/** Finds the links of a card: to the result, to the card of the next revision, and to the first request that is open. */
async function findLinks(client: WebClient, { state, next, activity }: Card): Promise<CardLinks> {
  const targets = {
    result: state.kind === 'completed' ? state.result : undefined,
    next,
    asks: activity?.asks?.at,
  };
  const links = await Promise.all(
    Object.entries(targets).map(
      async ([name, ref]) => [name, ref && (await permalink(client, ref))] as const,
    ),
  );
  return Object.fromEntries(links.filter(([, link]) => link));
}

/** Leads from a superseded card to the next one. The new card stands whatever becomes of this. */
async function linkToNext(client: WebClient, { ref, card }: ShownCard, posted: MessageRef): Promise<void> {
  const next = await permalink(client, posted);
  if (next) await updateMessage(client, ref, cardMessage(card, { next })).catch(notLinked);
}

const notLinked = warnAnd('card-update', 'A superseded card could not be linked to the next one', undefined);

/** Slack's errors for a channel that the bot can't reach, and for a thread that is gone. */
const CARD_LOST = new Set(['channel_not_found', 'is_archived', 'not_in_channel', 'thread_not_found']);

/** Posts messages in a card's thread. If the card was deleted, Slack posts the first one into the channel; it is taken back, and the card posted again. */
async function postUnderCard(
  client: WebClient,
  posts: (Place & MessagePayload & { key: string })[],
  once: PostOnce,
): Promise<void> {
  for (const { key, ...post } of posts) {
    const posted = await postOnce(client, post, { ...once, key });
    if (!isUnthreaded(post, posted)) continue;
    await deleteMessage(client, posted);
    throw cardDeleted();
  }
}

/** A failure that a retry mends: the card isn't found any more, so the retry posts another one. */
function cardDeleted(cause?: unknown): RemoteError {
  const message = 'The card was deleted while the rest of it was posted; it will be posted again';
  return new RemoteError('card_deleted', message, { retryable: true, cause });
}

/** Posts the changes between two revisions, under a line for the requester. If Slack refuses the comparison, the line stands alone. */
async function postChanges(
  client: WebClient,
  card: MessageRef,
  [before, after]: [PlanRevision, PlanRevision],
  once: PostOnce,
  heading?: MessagePayload,
): Promise<void> {
  const revisions = { from: before.revision, to: after.revision };
  const text = heading?.text ?? `What changed from revision ${revisions.from} to revision ${revisions.to}`;
  const post = (blocks: KnownBlock[], key: string) => ({ ...threadPlace(card), text, blocks, key });
  const changes = changeBlocks(before.plan, after.plan, revisions);
  const posts = paginate([...(heading?.blocks ?? []), ...changes]).map((blocks, at) =>
    post(blocks, `${once.key}/changes/${at + 1}`),
  );
  let isPosted = false;
  await ignoreRefusal(
    async () => {
      await postUnderCard(client, posts, once);
      isPosted = true;
    },
    { alsoMendable: true },
  );
  if (isPosted || !heading) return;
  const alone = post(heading.blocks, `${once.key}/requester`);
  await ignoreRefusal(() => postUnderCard(client, [alone], once), { alsoMendable: true });
}

/** Deletes a message. If Slack refuses, the message stays. */
async function deleteMessage(client: WebClient, { channel, ts }: MessageRef): Promise<void> {
  await ignoreRefusal(() => client.chat.delete({ channel, ts }), { alsoMendable: true });
}
