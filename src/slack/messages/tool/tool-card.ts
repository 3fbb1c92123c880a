import type { ActionsBlock, KnownBlock } from '@slack/types';
import type { ToolCard } from '../../../run/thread.js';
import { ACTIONS, encodeRef, NOTE } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { context, line } from '../kit/lines.js';
import type { ThreadWords } from '../kit/long-text.js';
import { code, moment, plain } from '../kit/text.js';
import { approvals, said } from '../plan/approvals.js';
import { waitingFor } from '../plan/outcome.js';
import { callBlocks, toolWords } from './call.js';

/** Draws a tool call that people are asked about. The buttons are there only while it waits. */
export function toolCardMessage(card: ToolCard): ThreadWords {
  const { call, requestId, stepTitle, state, runId } = card;
  const drawn = callBlocks(call, requestId, { ...(stepTitle && { stepTitle }) });
  const tool = toolWords(call.name);
  return {
    text: `${SUMMARIES[state.kind]}: ${tool}`,
    blocks: [
      line(`*Tool call* ${tool}`),
      ...drawn.blocks,
      context(`Run ${code(runId)}`),
      { type: 'divider' },
      ...outcomeBlocks(card),
    ],
    attachments: drawn.attachments,
  };
}

const SUMMARIES: Record<ToolCard['state']['kind'], string> = {
  waiting: 'A tool call waits for approval',
  approved: 'A tool call was approved',
  rejected: 'A tool call was rejected',
  expired: 'A tool call was not decided about in time',
  withdrawn: 'A tool call is no longer asked about',
};

function outcomeBlocks(card: ToolCard): KnownBlock[] {
  const { state, call } = card;
  switch (state.kind) {
    case 'waiting': {
      const { policy, editors, requester } = card;
      const waiting = { policy, votes: state.votes, ...(editors && { editors }) };
      return [
        context(`${waitingFor(waiting, requester.user)} · expires ${moment(state.expiresAt)}`),
        ...decisionBlocks(card),
      ];
    }
    case 'approved':
      return [
        ...approvals(state.votes),
        ...(state.all
          ? [
              context(
                `From here on every call of ${toolWords(call.name)} in this run is made without asking.`,
              ),
            ]
          : []),
      ];
    case 'rejected':
      return [
        ...said(':no_entry: Rejected', state.decision),
        context('The call is not made. The model is told, and goes on.'),
      ];
    case 'expired':
      return [
        line(
          `:hourglass: Expired ${moment(state.at)}: it was not decided in time, and the call is not made.`,
        ),
      ];
    case 'withdrawn':
      return [line(':octagonal_sign: The run ended before anybody decided. The call is not made.')];
  }
}

function decisionBlocks({ runId, requestId, revision, call }: ToolCard): KnownBlock[] {
  const value = encodeRef({ run: runId, request: requestId, revision, digest: call.digest });
  const actions: ActionsBlock = {
    type: 'actions',
    block_id: 'decision',
    elements: [
      { type: 'button', action_id: ACTIONS.approveTool, style: 'primary', text: plain('Approve', 75), value },
      { type: 'button', action_id: ACTIONS.rejectTool, style: 'danger', text: plain('Reject', 75), value },
      {
        type: 'button',
        action_id: ACTIONS.approveAllTool,
        text: plain('Approve all like this in this run', 75),
        value,
      },
    ],
  };
  return [
    {
      type: 'input',
      block_id: NOTE.block,
      optional: true,
      label: plain('Reason or note', LIMITS.inputLabel),
      element: { type: 'plain_text_input', action_id: NOTE.action, max_length: 1000 },
    },
    actions,
    context('“All like this” is every later call of this tool in this run, whatever its arguments.'),
  ];
}
