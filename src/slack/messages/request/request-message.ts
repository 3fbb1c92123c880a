import type { KnownBlock } from '@slack/types';
import { coversEveryCall, type Outcome } from '../../../approval/request.js';
import { answerText, type RequestItem, type RequestMessage } from '../../../run/request.js';
import { actions, button, context, line } from '../kit/blocks.js';
import { noteField } from '../kit/buttons.js';
import { ACTIONS } from '../kit/ids.js';
import type { MessageWithAttachments } from '../kit/payload.js';
import { approversText } from '../kit/people.js';
import { quoteBlock } from '../kit/rich-text.js';
import { clip, code, mention, moment } from '../kit/text.js';
import { answerBlocks, buttonValue, choiceListBlocks } from './choices.js';
import { decisionBlocks, voteBlocks } from './decisions.js';

import { subjectBlocks, subjectName } from './subject.js';
import { toolText } from './tool-call.js';
import { expiryText, isQuestion, waitingText } from './waiting.js';

/** Draws an item of a request in the thread: its subject, and who is waited for or its outcome. Only an item that waits has buttons. */
export function requestMessage(message: RequestMessage): MessageWithAttachments {
  const { runId, request, item } = message;
  const { title, blocks, attachments } = subjectBlocks(message);
  const choices = choiceListBlocks(item, `${request}/${item.id}`);
  return {
    text: summaryText(message),
    blocks: [
      line(title),
      ...blocks,
      ...choices.blocks,
      context(`Run ${code(runId)}`),
      { type: 'divider' },
      ...(item.outcome ? outcomeBlocks(item, item.outcome) : waitingBlocks(message)),
    ],
    attachments: [...attachments, ...choices.attachments],
  };
}

type Stage = 'waiting' | Outcome['kind'];

const SUMMARIES: Record<Stage, string> = {
  waiting: 'A tool call waits for approval',
  approve: 'A tool call was approved',
  reject: 'A tool call was rejected',
  changes: 'A tool call was sent back for changes',
  edit: 'A tool call was edited',
  answer: 'A question was answered',
  expired: 'A tool call was not decided about in time',
  withdrawn: 'A tool call is no longer asked about',
};

const QUESTION_SUMMARIES: Partial<Record<Stage, string>> = {
  waiting: 'A question waits for an answer',
  expired: 'Nobody answered a question in time',
  withdrawn: 'A question is no longer asked',
};

function summaryText({ runId, item }: RequestMessage): string {
  const { subject, outcome } = item;
  const stage = outcome?.kind ?? 'waiting';
  if (isQuestion(item)) return `${QUESTION_SUMMARIES[stage] ?? SUMMARIES[stage]} (run ${code(runId)})`;
  const name = subject.kind === 'tool-call' ? toolText(subject.call.name) : subjectName(subject);
  return `${SUMMARIES[stage]}: ${name}`;
}

function waitingBlocks(message: RequestMessage): KnownBlock[] {
  const { item, requester } = message;
  const expiry = expiryText({ item });
  if (!isQuestion(item)) {
    return [context(`${waitingText(item, requester.user)} · expires ${expiry}`), ...approvalBlocks(message)];
  }
  const approvers = approversText(item.policy, requester.user, item.editors);
  const caution = item.subject.kind === 'question' ? ' · An answer is no approval.' : '';
  return [
    context(`Waiting for ${approvers} · can be answered until ${expiry}${caution}`),
    ...answerBlocks(message),
  ];
}

function approvalBlocks(message: RequestMessage): KnownBlock[] {
  const value = buttonValue(message);
  return [
    noteField('Reason or note'),
    actions(
      [
        button(ACTIONS.approveTool, 'Approve', { style: 'primary', value }),
        button(ACTIONS.rejectTool, 'Reject', { style: 'danger', value }),
        button(ACTIONS.approveAllTool, 'Approve all like this in this run', { value }),
      ],
      'decision',
    ),
    context('“All like this” is every later call of this tool in this run, whatever its arguments.'),
  ];
}

function outcomeBlocks(item: RequestItem, outcome: Outcome): KnownBlock[] {
  switch (outcome.kind) {
    case 'approve': {
      const { subject } = item;
      const isStanding = subject.kind === 'tool-call' && coversEveryCall(outcome);
      return [
        ...voteBlocks(outcome.votes),
        ...(isStanding
          ? [
              context(
                `From here on every call of ${toolText(subject.call.name)} in this run is made without asking.`,
              ),
            ]
          : []),
      ];
    }
    case 'reject':
      return [
        ...decisionBlocks(':no_entry: Rejected', outcome.decision),
        context('The call is not made. The model is told, and goes on.'),
      ];
    case 'changes':
      return decisionBlocks(':pencil2: Changes requested', outcome.decision);
    case 'edit':
      return decisionBlocks(':pencil2: Edited', outcome.decision);
    case 'answer': {
      const { by, at } = outcome.decision;
      return [
        line(`:speech_balloon: Answered by ${mention(by.user)} · ${moment(at)}`),
        quoteBlock(clip(answerText(item.choices ?? [], outcome.decision), 3_000)),
      ];
    }
    case 'expired': {
      const expired = isQuestion(item)
        ? `:hourglass: Nobody answered in time: it could be answered until ${moment(outcome.at)}.`
        : `:hourglass: Expired ${moment(outcome.at)}: it was not decided in time, and the call is not made.`;
      return [line(expired)];
    }
    case 'withdrawn': {
      const withdrawn = isQuestion(item)
        ? ':octagonal_sign: The run ended before anybody answered.'
        : ':octagonal_sign: The run ended before anybody decided. The call is not made.';
      return [line(withdrawn)];
    }
  }
}
