import { line } from '../kit/blocks.js';
import type { MessagePayload } from '../kit/payload.js';
import { joinMentions } from '../kit/text.js';
import { subjectText } from '../request/subject.js';
import { expiryText, isQuestion, type WaitingItem } from '../request/waiting.js';

/** One message mentions at most so many people and groups: as many as a line surely takes. */
export const MAX_MENTIONS = 50;

/** Mentions of those who can still decide; `anyone` is nobody in particular. */
export interface PendingApprovers {
  mentions: string[];
  anyone: boolean;
}

/** A line in the card's thread: an item still waits, for whom, and how long. `link` leads to a message that isn't the thread's root. */
export function reminderMessage(
  waiting: WaitingItem,
  pending: PendingApprovers,
  link: string | undefined,
): MessagePayload {
  const { subject, votes, policy } = waiting.item;
  const people =
    joinMentions(pending.mentions, MAX_MENTIONS) || (pending.anyone ? 'anyone here' : 'somebody who may');
  const isQuorum = !isQuestion(waiting.item) && policy.approvals > 1;
  const progress = isQuorum ? ` (${votes.length} of ${policy.approvals} so far)` : '';
  const wanted = isQuestion(waiting.item) ? 'answer' : 'approval';
  return message(
    `:bell: ${people}: ${subjectText(subject)} still waits for your ${wanted}${progress}. ${closing(waiting, link)}`,
  );
}

/** A line in the card's thread: more people may decide from now on. */
export function escalationMessage(
  waiting: WaitingItem,
  pending: PendingApprovers,
  link: string | undefined,
): MessagePayload {
  const people = joinMentions(pending.mentions, MAX_MENTIONS) || 'more people';
  const verb = isQuestion(waiting.item) ? 'answer' : 'approve';
  return message(
    `:mega: ${progressText(waiting)}, so from now on ${people} may ${verb} ${subjectText(waiting.item.subject)}, too. ${closing(waiting, link)}`,
  );
}

function progressText({ item }: WaitingItem): string {
  if (isQuestion(item)) return 'Nobody has answered yet';
  if (item.votes.length === 0) return 'Nobody has decided yet';
  return `${item.votes.length} of ${item.policy.approvals} approvals so far`;
}

function closing(waiting: WaitingItem, link: string | undefined): string {
  return `It expires ${expiryText(waiting)}.${link ? ` <${link}|Open it.>` : ''}`;
}

function message(text: string): MessagePayload {
  return { text, blocks: [line(text)] };
}
