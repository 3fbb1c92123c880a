import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { RemoteError } from '../../errors.js';
import type { Card } from '../../run/card.js';
import type { MessageRef, PlanRevision } from '../../run/run.js';
import { paginate } from '../messages/kit/paginate.js';
import { cardMessages } from '../messages/plan/card.js';
import { changeBlocks } from '../messages/plan/changes.js';
import { type Once, postOnce, threadUnder } from './post-once.js';
import { call, channelOf, permalink } from './web.js';

/** The card and the plan of the revision before this one, and the thread in which the run was asked for. */
export interface Before {
  card?: MessageRef;
  planned?: PlanRevision;
  thread?: string;
}

/** Posts a card, and in its thread what it is too small for and what has changed. `to` is a channel, or a person (their direct message). */
export async function postCard(
  client: WebClient,
  to: string,
  card: Card,
  once: Once,
  { card: older, planned: before, thread: threadTs }: Before = {},
): Promise<MessageRef> {
  const channel = await channelOf(client, to);
  const replaces = older && (await permalink(client, older));
  const { text, blocks, overflow } = cardMessages(card, replaces ? { replaces } : {});
  const ref = await postOnce(client, { channel, text, blocks, ...(threadTs && { threadTs }) }, once);
  try {
    await postUnder(client, ref, { text, pages: overflow }, (page) => ({
      ...once,
      key: `${once.key}/${page + 1}`,
    }));
  } catch (error) {
    // Nobody approves what they can't read, and without the rest of its plan the run fails: its buttons must not wait for clicks.
    if (error instanceof RemoteError && !error.retryable) await takeBack(client, ref);
    throw error;
  }
  if (before && card.planned) await postChanges(client, ref, before, card.planned, once);
  return ref;
}

/** What has changed since the revision before. Where Slack takes no comparison, the card does without one. */
async function postChanges(
  client: WebClient,
  card: MessageRef,
  before: PlanRevision,
  { plan, revision }: PlanRevision,
  once: Once,
): Promise<void> {
  const pages = paginate(changeBlocks(before.plan, plan, { from: before.revision, to: revision }));
  const text = `What has changed from revision ${before.revision} to revision ${revision}`;
  try {
    await postUnder(client, card, { text, pages }, (page) => ({
      ...once,
      key: `${once.key}/changes/${page}`,
    }));
  } catch (error) {
    if (!(error instanceof RemoteError) || error.retryable) throw error;
  }
}

/** Posts messages in the card's thread, in order; `onceFor` a message's number, from 1. */
async function postUnder(
  client: WebClient,
  card: MessageRef,
  { text, pages }: { text: string; pages: KnownBlock[][] },
  onceFor: (page: number) => Once,
): Promise<void> {
  const place = { channel: card.channel, threadTs: threadUnder(card) ?? card.ts };
  for (const [index, blocks] of pages.entries()) {
    await postOnce(client, { ...place, text, blocks }, onceFor(index + 1));
  }
}

/** Takes a card away again; where Slack doesn't let us, it stays. */
async function takeBack(client: WebClient, { channel, ts }: MessageRef): Promise<void> {
  try {
    await call('chat.delete', () => client.chat.delete({ channel, ts }));
  } catch (error) {
    if (!(error instanceof RemoteError) || error.retryable) throw error;
  }
}
