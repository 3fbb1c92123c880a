import type { DecisionMessage } from '../../../run/message.js';
import { actions, context, line } from '../kit/blocks.js';
import { openButton } from '../kit/buttons.js';
import type { MessagePayload } from '../kit/payload.js';
import { clip, count, escapeMrkdwn, mention } from '../kit/text.js';
import { subjectName } from '../request/subject.js';
import { expiryText, findWaitingItem, isQuestion, type WaitingItem } from '../request/waiting.js';
import { outcomeText } from './outcome.js';

/** At most so many people get a direct message about an item that waits; a group that doesn't fit is mentioned as one. */
export const MAX_NOTICES = 25;

/** Place of the message that a notice is about. `link` leads there. */
export interface NoticePlace {
  channel: string;
  link?: string | undefined;
}

/**
 * A direct message to an approver: an item waits for them, or its outcome. `hasApproved`: they have approved, and the item waits for others.
 */
export function noticeMessage(
  message: DecisionMessage,
  { channel, link }: NoticePlace,
  { hasApproved = false }: { hasApproved?: boolean } = {},
): MessagePayload {
  const waiting = findWaitingItem(message);
  const title = titleOf(message);
  const name = link ? `<${link}|${title}>` : `*${title}*`;
  const text = waiting ? waitingNotice(waiting, name, hasApproved) : outcomeText(message, name);
  const place = channel.startsWith('D') ? '' : ` in <#${escapeMrkdwn(channel)}>`;
  return {
    text,
    blocks: [
      line(text),
      context(`Asked by ${mention(message.requester.user)}${place} · run \`${escapeMrkdwn(message.runId)}\``),
      ...(waiting && link ? [actions([openButton('Open the card', link)], 'notice')] : []),
    ],
  };
}

function waitingNotice(waiting: WaitingItem, name: string, hasApproved: boolean): string {
  const { item } = waiting;
  const expiry = `It expires ${expiryText(waiting)}.`;
  if (hasApproved) {
    const missing = Math.max(item.policy.approvals - item.votes.length, 1);
    return `:white_check_mark: You approved ${name}; it waits for ${count(missing, 'more approval')}. ${expiry}`;
  }
  return isQuestion(item)
    ? `:question: ${name} waits for your answer. ${expiry}`
    : `:ballot_box_with_ballot: ${name} waits for your approval. ${expiry}`;
}

/** Title of a message, in mrkdwn. The title may stand in a link, which takes no code. */
function titleOf(message: DecisionMessage): string {
  if (!('kind' in message)) return escapeMrkdwn(clip(message.planned?.plan.title ?? message.goal, 200));
  const name = subjectName(message.item.subject);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`.replaceAll('`', '');
}
