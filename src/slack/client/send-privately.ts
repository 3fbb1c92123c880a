import type { WebClient } from '@slack/web-api';
import type { Messenger } from '../../activities/ports.js';
import type { Person } from '../../approval/person.js';
import type { PrivateMessage } from '../../run/message.js';
import { line, withBlocks } from '../messages/kit/blocks.js';
import { cannotPostMessage } from '../messages/private/cannot-post.js';
import type { Reply } from '../messages/private/run-replies.js';
import { notAdmittedText, startWaitsText } from '../messages/refusals/not-admitted.js';
import { MEMBERSHIP_UNSURE, OTHER_MESSAGE } from '../messages/refusals/refused-click.js';
import { cannotCancelText, refusedDecisionText } from '../messages/refusals/refused-decision.js';
import { toRemoteError } from './failures.js';
import type { Place } from './post-once.js';
import { directMessage, permalink } from './web.js';

export function createPrivateMessages(client: WebClient): Pick<Messenger, 'sendPrivately'> {
  return {
    async sendPrivately({ to, shortId, origin, message }) {
      if (message.kind === 'cannot-post') {
        const isHere = message.channel === origin.channel;
        return await sendPrivately(client, to, cannotPostMessage(shortId, { ...message, isHere }), origin);
      }
      if (message.kind === 'start-waits' || message.kind === 'not-admitted') {
        const text = startText(message, shortId);
        // A run that starts late, or by a schedule, finds its requester elsewhere than at the command.
        return await sendDirectMessage(client, to, { text, blocks: [line(text)] });
      }
      // A refused decision is answered where its message is.
      const at = message.kind === 'refused' ? message.at : undefined;
      const link = at && (await permalink(client, at));
      const text = privateText(message, link);
      await sendPrivately(client, to, { text, blocks: [line(text)] }, at ?? origin);
    },
  };
}

type AboutStart = Extract<PrivateMessage, { kind: 'start-waits' | 'not-admitted' }>;

function startText(message: AboutStart, shortId: string): string {
  return message.kind === 'start-waits' ? startWaitsText(shortId) : notAdmittedText(message.refusal);
}

function privateText(
  message: Exclude<PrivateMessage, AboutStart | { kind: 'cannot-post' }>,
  link?: string,
): string {
  if (message.kind === 'cancel-unsure') return MEMBERSHIP_UNSURE;
  if (message.kind === 'other-message') return OTHER_MESSAGE;
  if (message.kind === 'cannot-cancel') return cannotCancelText(message.requester);
  return refusedDecisionText({ ...message, link });
}

/** Sends a message that only one person sees: ephemeral in the channel or thread, or else as a direct message. */
export async function sendPrivately(
  client: WebClient,
  to: Person,
  payload: Reply,
  { channel, thread }: Place,
): Promise<void> {
  try {
    const place = { channel, ...(thread && { thread_ts: thread }) };
    await client.chat.postEphemeral({ ...place, user: to.user, ...withBlocks(payload) });
  } catch (error) {
    const failure = toRemoteError('chat.postEphemeral', error);
    if (failure.retryable) throw failure;
    await sendDirectMessage(client, to, payload);
  }
}

/** Sends a direct message, which stays until the person reads it. */
export async function sendDirectMessage(client: WebClient, to: Person, payload: Reply): Promise<void> {
  await client.chat.postMessage({ channel: await directMessage(client, to.user), ...withBlocks(payload) });
}
