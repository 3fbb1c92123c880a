import type { RichTextElement } from '@slack/types';
import { isVerdict, type Outcome } from '../../../approval/request.js';
import type { DecisionMessage } from '../../../run/message.js';
import { actions, blockList, context, line, openButton } from '../kit/blocks.js';
import type { MessagePayload } from '../kit/payload.js';
import { paragraph, quoteBlock, richText, verbatim } from '../kit/rich-text.js';
import { clip, code, count, escapeMrkdwn, mention, peopleText } from '../kit/text.js';
import { GIVEN_UP, isOfTool, subjectName } from '../request/subject.js';
import { expiryText, findWaitingItem, isQuestion, type WaitingItem } from '../request/waiting.js';

/** Limit for the direct messages about an open item. A group that would exceed it is mentioned instead. */
export const MAX_NOTICES = 25;

/**
 * Direct message to an approver about an open item, or about its outcome. `channel` is the item's, and `link` leads to its message.
 * `hasApproved`: the person has approved, and the item waits for others.
 */
export function noticeMessage(
  message: DecisionMessage,
  {
    channel,
    link,
    hasApproved = false,
  }: { channel: string; link?: string | undefined; hasApproved?: boolean },
): MessagePayload {
  const waiting = findWaitingItem(message);
  const title = titleOf(message);
  const named: RichTextElement = link
    ? { type: 'link', url: link, text: title, style: { bold: true } }
    : verbatim(title, { bold: true });
  const say = (name: string) =>
    waiting ? waitingText(waiting, name, hasApproved) : outcomeText(message, name);
  const why = stopReason(message);
  const place = channel.startsWith('D') ? '' : ` in <#${escapeMrkdwn(channel)}>`;
  const blocks = blockList(
    richText(paragraph(named)),
    line(say(hasApproved ? 'this' : 'This')),
    why !== undefined && quoteBlock(clip(why, 300)),
    context(`Asked by ${mention(message.requester.user)}${place} · run ${code(message.shortId)}`),
    waiting && link && actions('notice', openButton('Open the card', link)),
  );
  return { text: say(`“${escapeMrkdwn(title)}”`), blocks };
}

/** Title of a message, in plain text. */
function titleOf(message: DecisionMessage): string {
  if (!('kind' in message)) {
    return clip(message.planned?.plan.title ?? message.goal, 200).trim() || 'A plan';
  }
  const name = subjectName(message.item.subject);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`.replaceAll('`', '');
}

function waitingText(waiting: WaitingItem, name: string, hasApproved: boolean): string {
  const { policy, votes, takes } = waiting.item;
  const isAnswer = isQuestion({ takes });
  const expiry = `${isAnswer ? 'Answer' : 'Decide'} by ${expiryText(waiting)}.`;
  if (hasApproved) {
    const missing = count(Math.max(policy.approvals - votes.length, 1), 'more approval');
    return `:white_check_mark: You approved ${name}; it waits for ${missing}. ${expiry}`;
  }
  return isAnswer
    ? `:question: ${name} waits for your answer. ${expiry}`
    : `:large_yellow_circle: ${name} waits for your approval. ${expiry}`;
}

/** Reason of a stop, in the run's words. */
function stopReason(message: DecisionMessage): string | undefined {
  return !('kind' in message) && message.state.kind === 'cancelled' ? message.state.why : undefined;
}

/** Icon and predicate of each outcome. `people`: those who decided. */
const OUTCOMES: Record<Outcome['kind'], [icon: string, predicate: (people: string) => string]> = {
  approve: [':white_check_mark:', (people) => `was approved by ${people}.`],
  reject: [':no_entry:', (people) => `was rejected by ${people}.`],
  changes: [':pencil2:', (people) => `was sent back for changes by ${people}: a new revision follows.`],
  edit: [':pencil2:', (people) => `was edited by ${people}: a new revision follows.`],
  answer: [':speech_balloon:', (people) => `was answered by ${people}.`],
  expired: [':alarm_clock:', () => 'expired: nobody decided in time.'],
  withdrawn: [':octagonal_sign:', () => 'no longer waits for you: the run is over.'],
};

/** Outcome of an item, for its approvers. `name` is the item's name in mrkdwn. */
function outcomeText(message: DecisionMessage, name: string): string {
  const sentence = (kind: Outcome['kind'], deciders: Parameters<typeof peopleText>[0] = []) => {
    const [icon, predicate] = OUTCOMES[kind];
    return `${icon} ${name} ${predicate(peopleText(deciders))}`;
  };
  if ('kind' in message) {
    const { outcome = { kind: 'withdrawn' } } = message.item;
    if (outcome.kind === 'expired' && isQuestion(message.item)) {
      return `:alarm_clock: ${name} expired: nobody answered in time.`;
    }
    if (outcome.kind === 'withdrawn' && isOfTool(message.item.subject))
      return `:octagonal_sign: ${name}: ${GIVEN_UP}`;
    if (!isVerdict(outcome)) return sentence(outcome.kind);
    return sentence(outcome.kind, outcome.kind === 'approve' ? outcome.votes : [outcome.decision]);
  }
  const { state } = message;
  switch (state.kind) {
    case 'executing':
    case 'completed':
      return sentence('approve', state.votes);
    case 'rejected':
      return sentence('reject', [state.decision]);
    case 'changed':
      return sentence(state.decision.kind === 'edit' ? 'edit' : 'changes', [state.decision]);
    case 'expired':
      return sentence('expired');
    case 'cancelled': {
      const person = state.by ? ` by ${mention(state.by.user)}` : '';
      return `:octagonal_sign: ${name} was stopped${person}.`;
    }
    default:
      return sentence('withdrawn');
  }
}
