import type { KnownBlock } from '@slack/types';
import type { Card } from '../../../run/card.js';
import type { GoneOutcome } from '../../../run/state.js';
import { blockList, context, line, plainLine } from '../kit/blocks.js';
import { LIMITS } from '../kit/limits.js';
import { list, quoteBlock, richText, verbatim } from '../kit/rich-text.js';
import { clip, count, escapeMrkdwn, mention, moment } from '../kit/text.js';
import { decisionBlocks, OUTCOME_ROOM, voteBlocks } from '../request/decisions.js';
import { waitingText } from '../request/waiting.js';

/** Limit for the reason of a stop, in characters. */
const WHY = 500;
/** Limits for the calls of a stopped run: the newest `most`, each in `length` characters. */
const DONE = { most: 5, length: 160 } as const;
/** Limit for the message of a failure, in characters. */
const FAILURE = 1_500;

/** State of a card: the possible approvers, or the decisions with time and note. `resultLink` leads to the result. */
export function cardStateBlocks({ state, requester }: Card, resultLink?: string): KnownBlock[] {
  switch (state.kind) {
    case 'waiting':
      return blockList(
        state.unreachable && context(unreachableText(state.unreachable)),
        context(waitingText(state.item, requester.user)),
      );
    case 'executing':
      return [...voteBlocks(state.votes), line(':large_blue_circle: Carrying it out…')];
    case 'completed': {
      const result = resultLink ? `<${resultLink}|The result>` : 'The result';
      const direct = `went to ${mention(requester.user)}: it could not be posted here`;
      const place = state.direct ? direct : 'is in the thread';
      return [...voteBlocks(state.votes), line(`:checkered_flag: Done. ${result} ${place}.`)];
    }
    case 'rejected':
      return decisionBlocks(state.decision);
    case 'changed': {
      const next = context('A new revision follows; the approvals so far are void.');
      return [...decisionBlocks(state.decision), next];
    }
    case 'expired':
      return [
        line(`:alarm_clock: Expired ${moment(state.at)}: it was not decided in time, and nothing was done.`),
      ];
    case 'cancelled': {
      const { votes, why, by, at, done = [] } = state;
      const end = `Stopped${by ? ` by ${mention(by.user)}` : ''}`;
      return blockList(
        voteBlocks(votes, OUTCOME_ROOM - WHY - DONE.most * DONE.length),
        line(`:octagonal_sign: ${end} · ${moment(at)}`),
        why !== undefined && quoteBlock(clip(why, WHY)),
        votes.length > 0 && doneBlocks(done),
      );
    }
    case 'failed': {
      const { votes, failure, done = [] } = state;
      return blockList(
        voteBlocks(votes, OUTCOME_ROOM - FAILURE - DONE.most * DONE.length),
        line(`:warning: The ${failure.step} failed.`),
        // No rich text: on a retry other blocks stand here, and Slack may refuse to replace rich text by them (`block_mismatch`).
        plainLine(`“${clip(failure.message.trim() || '…', FAILURE)}”`, LIMITS.sectionText),
        done.length > 0 && plainLine(doneText(done), LIMITS.sectionText),
        context('Retry goes on from this step; nothing before it is done again.'),
      );
    }
    case 'gone':
      return [
        ...voteBlocks(state.votes ?? []),
        line(`:octagonal_sign: Over · ${moment(state.at)}. ${GONE[state.why]}`),
      ];
    case 'retried':
      return [line(`:repeat: Being tried again${state.by ? `, by ${mention(state.by.user)}` : ''}.`)];
  }
}

/** Calls of a run before it was stopped during its execution. */
function doneBlocks(done: string[]): KnownBlock[] {
  if (done.length === 0) return [context('Nothing had been changed by then.')];
  const newest = done.slice(-DONE.most).map((call) => [verbatim(clip(call, DONE.length))]);
  return [context(doneTitle(done)), richText(list('bullet', newest))];
}

function doneText(done: string[]): string {
  const newest = done.slice(-DONE.most).map((call) => `• ${clip(call, DONE.length)}`);
  return [doneTitle(done), ...newest].join('\n');
}

function doneTitle({ length }: string[]): string {
  const earlier = length - DONE.most;
  return `What had been done by then${earlier > 0 ? `, after ${count(earlier, 'other call')}` : ''}:`;
}

/** Reasons for an end that the run could not report itself. */
export const GONE: Record<GoneOutcome['why'], string> = {
  terminated: 'The run was terminated in Temporal; nothing more is done.',
  'timed-out': 'The run timed out in Temporal; nothing more is done.',
  failed: 'The run failed in Temporal; nothing more is done.',
  unknown: 'Temporal no longer knows this run; nothing more is done. `/agent` starts it again.',
};

/** State of an unreachable channel, by Slack's error code. */
const UNREACHABLE: Record<string, string> = {
  is_archived: 'is archived',
  not_in_channel: 'no longer has me as a member',
};

function unreachableText({ channel, reason }: { channel: string; reason: string }): string {
  const why = UNREACHABLE[reason] ?? 'is out of my reach';
  return `<#${escapeMrkdwn(channel)}> ${why}, so the plan waits for you here.`;
}
