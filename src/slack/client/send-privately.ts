import type { WebClient } from '@slack/web-api';
import type { Messenger, PostOnce } from '../../activities/ports.js';
import type { Person } from '../../approval/person.js';
import type { PrivateMessage } from '../../run/message.js';
import { line, withBlocks } from '../messages/kit/blocks.js';
import { code } from '../messages/kit/text.js';
import { endingNotice } from '../messages/notices/requester-notice.js';
import { cannotPostMessage } from '../messages/private/cannot-post.js';
import { mustKnow } from '../messages/private/must-know.js';
import type { Reply } from '../messages/private/run-replies.js';
import { notAdmittedText, startWaitsText } from '../messages/refusals/not-admitted.js';
import { MEMBERSHIP_UNSURE, OTHER_MESSAGE } from '../messages/refusals/refused-click.js';
import { cannotCancelText, refusedDecisionText } from '../messages/refusals/refused-decision.js';
import { typedBlocks } from '../messages/refusals/typed-blocks.js';
import { type Place, postOnce } from './post-once.js';
import { toRemoteError } from './web/failures.js';
import { directMessage, permalink } from './web/web.js';

export function createPrivateMessages(client: WebClient): Pick<Messenger, 'sendPrivately'> {
  return {
    async sendPrivately({ to, shortId, origin, message }, once) {
      // A refused decision is answered where its message is.
      const at = message.kind === 'refused' ? message.at : undefined;
      const link = at && (await permalink(client, at));
      const isHere = message.kind === 'cannot-post' && message.channel === origin.channel;
      const reply = privateReply(message, { shortId, requester: to.user, isHere, ...(link && { link }) });
      const place = at ?? origin;
      if (!mustKnow(message)) return await sendPrivately(client, to, reply, place, once);
      try {
        await sendDirectMessage(client, to, reply, once);
      } catch (error) {
        const { retryable, operatorCanFix } = toRemoteError('chat.postMessage', error);
        if (retryable || operatorCanFix) throw error;
        // The person takes no direct message, but may be active.
        await sendEphemeral(client, to, reply, place);
      }
    },
  };
}

function privateReply(
  message: PrivateMessage,
  {
    shortId,
    requester,
    isHere,
    link,
  }: { shortId: string; requester: string; isHere: boolean; link?: string },
): Reply {
  const textOnly = (text: string) => ({ text, blocks: [line(text)] });
  // A direct message says which run it is about.
  const about = (text: string) => textOnly(mustKnow(message) ? `About run ${code(shortId)}: ${text}` : text);
  switch (message.kind) {
    case 'cannot-post':
      return cannotPostMessage(shortId, { ...message, isHere });
    case 'ended':
      return endingNotice(message.state, {
        shortId,
        title: message.title,
        requester,
        to: { kind: 'direct' },
      });
    case 'start-waits':
      return textOnly(startWaitsText(shortId));
    case 'not-admitted':
      return textOnly(notAdmittedText(message.refusal));
    case 'cancel-unsure':
      return about(MEMBERSHIP_UNSURE);
    case 'other-message':
      return about(OTHER_MESSAGE);
    case 'cannot-cancel':
      return about(cannotCancelText(message.requester));
    case 'refused': {
      const { text, blocks } = about(refusedDecisionText({ ...message, link }));
      return { text, blocks: [...blocks, ...typedBlocks(message.decision)] };
    }
  }
}

/**
 * Sends a message that only one person sees: ephemeral in the channel or thread, or else as a direct message. Slack shows it only to somebody who
 * is active, and in a thread only if that has replies.
 */
export async function sendPrivately(
  client: WebClient,
  to: Person,
  payload: Reply,
  place: Place,
  once?: PostOnce,
): Promise<void> {
  try {
    await sendEphemeral(client, to, payload, place);
  } catch (error) {
    const failure = toRemoteError('chat.postEphemeral', error);
    if (failure.retryable) throw failure;
    await sendDirectMessage(client, to, payload, once);
  }
}

async function sendEphemeral(
  client: WebClient,
  to: Person,
  payload: Reply,
  { channel, thread }: Place,
): Promise<void> {
  const place = { channel, ...(thread && { thread_ts: thread }) };
  await client.chat.postEphemeral({ ...place, user: to.user, ...withBlocks(payload) });
}

/** Sends a direct message, which stays until the person reads it. With `once`, an earlier attempt is looked for. */
export async function sendDirectMessage(
  client: WebClient,
  to: Person,
  payload: Reply,
  once?: PostOnce,
): Promise<void> {
  const message = { channel: await directMessage(client, to.user), ...withBlocks(payload) };
  await (once ? postOnce(client, message, once) : client.chat.postMessage(message));
}
