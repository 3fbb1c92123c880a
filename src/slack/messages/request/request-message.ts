import type { KnownBlock } from '@slack/types';
import { coversEveryCall, type Outcome } from '../../../approval/request.js';
import { answerText, type RequestItem, type RequestMessage } from '../../../run/request.js';
import { actions, blockList, button, context, line, noteField } from '../kit/blocks.js';
import { ACTIONS } from '../kit/ids.js';
import { type MessageWithAttachments, messageOf } from '../kit/payload.js';
import { approversText, code, moment } from '../kit/text.js';
import { answerBlocks, buttonValue, choiceListParts } from './choices.js';
import { decisionBlocks, voteBlocks } from './decisions.js';
import { GIVEN_UP, isOfTool, subjectName, subjectParts, toolText } from './subject.js';
import { expiryText, isQuestion, waitingText } from './waiting.js';

/** Draws an item's message in the thread: its subject, and its approvers or its outcome. Only an open item has buttons. */
export function requestMessage(message: RequestMessage): MessageWithAttachments {
  const { shortId, request, item } = message;
  const waitingBlocks = isQuestion(item) ? questionBlocks : approvalBlocks;
  return messageOf(summaryText(message), [
    ...subjectParts(message),
    ...choiceListParts(item, `${request}/${item.id}`),
    context(`Run ${code(shortId)}`),
    { type: 'divider' },
    ...(item.outcome ? outcomeBlocks(item, item.outcome) : waitingBlocks(message)),
  ]);
}

/** Summaries by outcome; `waiting` stands for an open item. */
const SUMMARIES = {
  waiting: 'A tool call waits for approval',
  approve: 'A tool call was approved',
  reject: 'A tool call was rejected',
  changes: 'A tool call was sent back for changes',
  edit: 'A tool call was edited',
  answer: 'A question was answered',
  expired: 'A tool call was not decided about in time',
  withdrawn: 'A tool call is no longer asked about',
};

const QUESTION_SUMMARIES = {
  ...SUMMARIES,
  waiting: 'A question waits for an answer',
  expired: 'Nobody answered a question in time',
  withdrawn: 'A question is no longer asked',
};

function summaryText({ shortId, item }: RequestMessage): string {
  const { subject, outcome } = item;
  const stage = outcome?.kind ?? 'waiting';
  if (isQuestion(item)) return `${QUESTION_SUMMARIES[stage]} (run ${code(shortId)})`;
  const name = subject.kind === 'tool-call' ? toolText(subject.call.name) : subjectName(subject);
  return `${SUMMARIES[stage]}: ${name}`;
}

function questionBlocks(message: RequestMessage): KnownBlock[] {
  const { item, requester } = message;
  const approvers = approversText(item.policy, requester.user, item.editors);
  const caution = item.subject.kind === 'question' ? ' · An answer is no approval.' : '';
  return [
    context(`Waiting for ${approvers} · can be answered until ${expiryText({ item })}${caution}`),
    ...answerBlocks(message),
  ];
}

function approvalBlocks(message: RequestMessage): KnownBlock[] {
  const { item, requester } = message;
  const value = buttonValue(message);
  return [
    context(`${waitingText(item, requester.user)} · expires ${expiryText({ item })}`),
    noteField('Reason or note', item.policy),
    actions(
      'decision',
      button(ACTIONS.approveTool, 'Approve', { style: 'primary', value }),
      button(ACTIONS.rejectTool, 'Reject', { style: 'danger', value }),
      button(ACTIONS.approveAllTool, 'Approve all like this in this run', { value }),
    ),
    context(`“All like this” is every later call of this tool in this run, ${limitText(item)}.`),
  ];
}

/** Limit of an approval of all calls like one: the rule that asks about it. */
function limitText({ subject }: RequestItem): string {
  const hasConditions = subject.kind === 'tool-call' && subject.rule?.where !== undefined;
  return hasConditions
    ? 'if the same rule asks about it'
    : 'whatever its arguments, unless a stricter rule asks';
}

function outcomeBlocks(item: RequestItem, outcome: Outcome): KnownBlock[] {
  const { subject, choices = [] } = item;
  switch (outcome.kind) {
    case 'approve': {
      const standing =
        subject.kind === 'tool-call' &&
        coversEveryCall(outcome) &&
        `From here on every call of ${toolText(subject.call.name)} in this run is made without asking, ${limitText(item)}.`;
      return blockList(voteBlocks(outcome.votes), standing && context(standing));
    }
    case 'expired': {
      const until = moment(outcome.at);
      const expired = isQuestion(item)
        ? `Nobody answered in time: it could be answered until ${until}.`
        : `Expired ${until}: it was not decided in time, and the call is not made.`;
      return [line(`:alarm_clock: ${expired}`)];
    }
    case 'withdrawn': {
      if (isOfTool(subject)) return [line(`:octagonal_sign: ${GIVEN_UP}`)];
      const end = isQuestion(item) ? 'answered.' : 'decided. The call is not made.';
      return [line(`:octagonal_sign: The run ended before anybody ${end}`)];
    }
    default:
      return blockList(
        decisionBlocks({ ...outcome.decision, note: answerText(choices, outcome.decision) }),
        outcome.kind === 'reject' && context('The call is not made. The model is told, and goes on.'),
      );
  }
}
