import { line } from '../kit/blocks.js';
import type { MessagePayload } from '../kit/payload.js';
import { approverMention, joinMentions } from '../kit/text.js';
import { subjectText } from '../request/subject.js';
import { expiryText, isQuestion, type WaitingItem } from '../request/waiting.js';

/** Limit for the mentions in one message, so that they fit into a line. */
export const MAX_MENTIONS = 50;

/** People who can still decide. `everybody`: the policy's word for many, such as `anyone`. */
export interface PendingApprovers {
  mentions: string[];
  everybody?: string | undefined;
}

/** A line in the card's thread: an item is open, for whom, and for how long. `link` leads to the item's message if that isn't the thread's root. */
export function reminderMessage(
  waiting: WaitingItem,
  { mentions, everybody }: PendingApprovers,
  link: string | undefined,
): MessagePayload {
  const { subject, votes, policy, takes } = waiting.item;
  const people =
    joinMentions(mentions, MAX_MENTIONS) || (everybody ? approverMention(everybody, '') : 'Approvers');
  const so = `${votes.length} of ${policy.approvals} so far`;
  const approval = `approval${policy.approvals > 1 ? ` (${so})` : ''}`;
  const wanted = isQuestion({ takes }) ? 'answer' : approval;
  return message(`:bell: ${people}: ${subjectText(subject)} still waits for your ${wanted}`, waiting, link);
}

/** A line in the card's thread: more people may decide from now on. */
export function escalationMessage(
  waiting: WaitingItem,
  { mentions }: PendingApprovers,
  link: string | undefined,
): MessagePayload {
  const { subject, votes, policy, takes } = waiting.item;
  const people = joinMentions(mentions, MAX_MENTIONS) || 'more people';
  const soFar =
    votes.length === 0 ? 'Nobody has decided yet' : `${votes.length} of ${policy.approvals} approvals so far`;
  const [state, verb] = isQuestion({ takes }) ? ['Nobody has answered yet', 'answer'] : [soFar, 'approve'];
  const sentence = `:mega: ${state}, so from now on ${people} may ${verb} ${subjectText(subject)}, too`;
  return message(sentence, waiting, link);
}

function message(sentence: string, waiting: WaitingItem, link: string | undefined): MessagePayload {
  const open = link ? ` <${link}|Open the card>` : '';
  const verb = isQuestion(waiting.item) ? 'Answer' : 'Decide';
  const text = `${sentence}. ${verb} by ${expiryText(waiting)}.${open}`;
  return { text, blocks: [line(text)] };
}
