import type { RichTextElement } from '@slack/types';
import { isVerdict, type Outcome } from '../../../approval/request.js';
import type { DecisionMessage } from '../../../run/message.js';
import { actions, blockList, context, line, openButton } from '../kit/blocks.js';
import type { MessagePayload } from '../kit/payload.js';
import { paragraph, quoteBlock, richText, verbatim } from '../kit/rich-text.js';
import { clip, code, count, escapeMrkdwn, mention, peopleText } from '../kit/text.js';
import { GIVEN_UP, isOfTool, subjectTitle } from '../request/subject.js';
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
  const [title, name] = titleOf(message);
  const named: RichTextElement = link
    ? { type: 'link', url: link, text: title, style: { bold: true } }
    : verbatim(title, { bold: true });
  const say = (name: Name) =>
    waiting ? waitingText(waiting, name, hasApproved) : outcomeText(message, name);
  const why = stopReason(message);
  const place = channel.startsWith('D') ? '' : ` in <#${escapeMrkdwn(channel)}>`;
  const blocks = blockList(
    richText(paragraph(named)),
    line(say({ first: 'This', within: 'this' })),
    why !== undefined && quoteBlock(clip(why, 300)),
    context(`Asked by ${mention(message.requester.user)}${place} · run ${code(message.shortId)}`),
    waiting && link && actions('notice', openButton('Open the card', link)),
  );
  return { text: say(name), blocks };
}

/** Name of an item in mrkdwn: at the beginning of a sentence, and within one. */
interface Name {
  first: string;
  within: string;
}

/** Title of a message in plain text, and its name. */
function titleOf(message: DecisionMessage): [title: string, name: Name] {
  if (!('kind' in message)) {
    const title = clip(message.planned?.plan.title ?? message.goal, 200).trim() || 'A plan';
    const quoted = `“${escapeMrkdwn(title)}”`;
    return [title, { first: quoted, within: quoted }];
  }
  const within = subjectTitle(message.item.subject);
  const first = `${within.charAt(0).toUpperCase()}${within.slice(1)}`;
  return [first, { first: escapeMrkdwn(first), within: escapeMrkdwn(within) }];
}

function waitingText(waiting: WaitingItem, name: Name, hasApproved: boolean): string {
  const { policy, votes, takes } = waiting.item;
  const isAnswer = isQuestion({ takes });
  const expiry = `${isAnswer ? 'Answer' : 'Decide'} by ${expiryText(waiting)}.`;
  if (hasApproved) {
    const missing = count(Math.max(policy.approvals - votes.length, 1), 'more approval');
    return `:white_check_mark: You approved ${name.within}; it waits for ${missing}. ${expiry}`;
  }
  return isAnswer
    ? `:question: ${name.first} waits for your answer. ${expiry}`
    : `:large_yellow_circle: ${name.first} waits for your approval. ${expiry}`;
}

/** Reason of a stop, in the run's words. */
function stopReason(message: DecisionMessage): string | undefined {
  return !('kind' in message) && message.state.kind === 'cancelled' ? message.state.why : undefined;
}

/** Sentence about each outcome of an item. `people`: those who decided. */
const OUTCOMES: Record<Outcome['kind'] | 'edited-call', (name: Name, people: string) => string> = {
  approve: ({ within }, people) => `:white_check_mark: ${people} approved ${within}.`,
  reject: ({ within }, people) => `:no_entry: ${people} rejected ${within}.`,
  changes: ({ within }, people) =>
    `:pencil2: ${people} asked for changes to ${within}. A new revision follows.`,
  edit: ({ within }, people) => `:pencil2: ${people} edited ${within}. A new revision follows.`,
  'edited-call': ({ within }, people) =>
    `:pencil2: ${people} edited ${within}. The edited version needs approval.`,
  answer: ({ within }, people) => `:speech_balloon: ${people} answered ${within}.`,
  expired: ({ first }) => `:alarm_clock: ${first} expired: nobody decided in time.`,
  withdrawn: ({ first }) => `:octagonal_sign: ${first} no longer waits for you: the run is over.`,
};

/** Outcome of an item, for its approvers. */
function outcomeText(message: DecisionMessage, name: Name): string {
  const sentence = (kind: keyof typeof OUTCOMES, deciders: Parameters<typeof peopleText>[0] = []) =>
    OUTCOMES[kind](name, peopleText(deciders));
  if ('kind' in message) {
    const { outcome = { kind: 'withdrawn' } } = message.item;
    if (outcome.kind === 'expired' && isQuestion(message.item)) {
      return `:alarm_clock: ${name.first} expired: nobody answered in time.`;
    }
    if (outcome.kind === 'withdrawn' && isOfTool(message.item.subject))
      return `:octagonal_sign: ${name.first}: ${GIVEN_UP}`;
    if (!isVerdict(outcome)) return sentence(outcome.kind);
    if (outcome.kind === 'edit') return sentence('edited-call', [outcome.decision]);
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
      return state.by
        ? `:octagonal_sign: ${mention(state.by.user)} stopped ${name.within}.`
        : `:octagonal_sign: ${name.first} was stopped.`;
    }
    default:
      return sentence('withdrawn');
  }
}
