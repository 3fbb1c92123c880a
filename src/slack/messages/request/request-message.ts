import type { KnownBlock } from '@slack/types';
import type { Outcome } from '../../../approval/request.js';
import { headlineOf } from '../../../run/execution/headline.js';
import { answerText, type RequestItem, type RequestMessage, type Subject } from '../../../run/request.js';
import { actions, blockList, button, context, line } from '../kit/blocks.js';
import { ACTIONS } from '../kit/ids.js';
import { type MessageWithAttachments, messageOf } from '../kit/payload.js';
import { approversText, code, factLine, moment, notificationLine } from '../kit/text.js';
import { isAboutCall } from './call-item.js';
import { callsMessage } from './calls-message.js';
import { answerBlocks, buttonValue, choiceListParts } from './choices.js';
import { decisionBlocks, voteBlocks } from './decisions.js';
import { GIVEN_UP, isOfTool, subjectParts } from './subject.js';
import { expiryText } from './waiting.js';

/** Draws a message in the thread that asks people: its subject, and who may decide or the outcome. Only an open item has buttons. */
export function requestMessage(message: RequestMessage): MessageWithAttachments {
  const { shortId, request, item } = message;
  if (isAboutCall(item)) return callsMessage(message);
  return messageOf(summaryText(message), [
    ...subjectParts(message),
    ...choiceListParts(item, `${request}/${item.id}`),
    context(`Run ${code(shortId)}`),
    { type: 'divider' },
    ...(item.outcome ? outcomeBlocks(item, item.outcome) : questionBlocks(message)),
  ]);
}

/** Summaries by outcome; `waiting` stands for an open question. */
const SUMMARIES: Record<Outcome['kind'] | 'waiting', string> = {
  waiting: 'Question',
  approve: 'Answered',
  reject: 'Answered',
  changes: 'Answered',
  edit: 'Answered',
  answer: 'Answered',
  expired: 'Nobody answered in time',
  withdrawn: 'No longer asked',
};

/** Text for notifications: the question itself. */
function summaryText({ item: { subject, outcome } }: RequestMessage): string {
  const text = subject.kind === 'question' ? subject.text : questionText(subject);
  return `${SUMMARIES[outcome?.kind ?? 'waiting']}: ${notificationLine(text, 300)}`;
}

function questionText(subject: Subject): string {
  if (subject.kind === 'lost-call') return `We lost contact. Was this done? ${headlineOf(subject.call)}`;
  return 'The budget is used up. Give more, or stop?';
}

function questionBlocks(message: RequestMessage): KnownBlock[] {
  const { item, requester } = message;
  const { subject, policy, editors } = item;
  const approvers = approversText(policy, requester.user, editors);
  const caution = subject.kind === 'question' && "Answering doesn't approve anything.";
  const exact = button(ACTIONS.exactInput, 'Exact input', { value: buttonValue(message) });
  return blockList(
    context(factLine(`Waiting for ${approvers}`, `Answer by ${expiryText({ item })}`, caution)),
    answerBlocks(message),
    subject.kind === 'lost-call' && actions('call', exact),
  );
}

function outcomeBlocks(item: RequestItem, outcome: Outcome): KnownBlock[] {
  switch (outcome.kind) {
    case 'approve':
      return voteBlocks(outcome.votes);
    case 'expired':
      return [line(`:alarm_clock: Nobody answered by ${moment(outcome.at)}.`)];
    case 'withdrawn':
      return [
        line(
          isOfTool(item.subject)
            ? `:octagonal_sign: ${GIVEN_UP}`
            : ':octagonal_sign: The run ended before anybody answered.',
        ),
      ];
    default:
      return decisionBlocks({
        ...outcome.decision,
        note: answerText(item.choices ?? [], outcome.decision),
      });
  }
}
