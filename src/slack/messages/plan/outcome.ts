import type { KnownBlock } from '@slack/types';
import type { Card, CardState } from '../../../run/card.js';
import type { GoneOutcome } from '../../../run/run.js';
import { context, line } from '../kit/lines.js';
import { list, quote, richText } from '../kit/rich-text.js';
import { clip, count, escapeMrkdwn, listed, mention, moment, verbatim } from '../kit/text.js';
import { approverWords } from '../kit/who.js';
import { approvals, ROOM, said } from './approvals.js';

/** What a card shows beside its approvals, in characters: why a run was stopped, what had been done by then, what failed. */
const WHY = 500;
/** So many of the calls that a stopped run had made are named, each with so much. */
const DONE = { most: 5, length: 160 } as const;
const FAILURE = 1_500;

type Waiting = Pick<Extract<CardState, { kind: 'waiting' }>, 'policy' | 'votes' | 'editors'>;

/** Where the run stands: who may decide, or who decided, when and why. */
export function outcomeBlocks(card: Card, resultLink?: string): KnownBlock[] {
  const { state } = card;
  switch (state.kind) {
    case 'waiting':
      return [
        ...(state.unreachable ? [context(unreachableWords(state.unreachable))] : []),
        context(waitingFor(state, card.requester.user)),
      ];
    case 'executing':
      return [...approvals(state.votes), line(':hourglass_flowing_sand: Carrying it out…')];
    case 'completed':
      return [
        ...approvals(state.votes),
        line(
          `:checkered_flag: Done. ${resultLink ? `<${resultLink}|The result>` : 'The result'} ${
            state.direct
              ? `went to ${mention(card.requester.user)}: it could not be posted here`
              : 'is in the thread'
          }.`,
        ),
      ];
    case 'rejected':
      return said(':no_entry: Rejected', state.decision);
    case 'changed':
      return [
        ...said(
          state.decision.kind === 'edit' ? ':pencil2: Edited' : ':pencil2: Changes requested',
          state.decision,
        ),
        context('A new revision follows; the approvals so far are void.'),
      ];
    case 'expired':
      return [
        line(`:hourglass: Expired ${moment(state.at)}: it was not decided in time, and nothing was done.`),
      ];
    case 'cancelled':
      return [
        ...approvals(state.votes, ROOM - WHY - DONE.most * DONE.length),
        line(
          `:octagonal_sign: ${state.why === undefined ? 'Cancelled' : 'Stopped'}${state.by ? ` by ${mention(state.by.user)}` : ''} · ${moment(state.at)}`,
        ),
        ...(state.why === undefined ? [] : [richText(quote(verbatim(clip(state.why, WHY))))]),
        ...(state.votes.length > 0 ? doneByThen(state.done ?? []) : []),
      ];
    case 'failed':
      return [
        ...approvals(state.votes, ROOM - FAILURE),
        line(`:warning: The ${state.failure.step} failed.`),
        richText(quote(verbatim(clip(state.failure.message, FAILURE)))),
        context('Retry goes on from this step; nothing before it is done again.'),
      ];
    case 'gone':
      return [line(`:octagonal_sign: Over · ${moment(state.at)}. ${goneWords(state.why)}`)];
    case 'retried':
      return [line(`:repeat: Being tried again${state.by ? `, by ${mention(state.by.user)}` : ''}.`)];
  }
}

/** What a run had done when it was stopped in the middle of its execution. */
function doneByThen(done: string[]): KnownBlock[] {
  if (done.length === 0) return [context('Nothing had been changed by then.')];
  const newest = done.slice(-DONE.most);
  const earlier = done.length - newest.length;
  return [
    context(`What had been done by then${earlier > 0 ? `, after ${count(earlier, 'other call')}` : ''}:`),
    richText(
      list(
        'bullet',
        newest.map((each) => [verbatim(clip(each, DONE.length))]),
      ),
    ),
  ];
}

/** Why a run is over that could not say so itself. */
export function goneWords(why: GoneOutcome['why']): string {
  return GONE[why] ?? GONE.terminated;
}

const GONE: Record<GoneOutcome['why'], string> = {
  terminated: 'The run was terminated in Temporal; nothing more is done.',
  'timed-out': 'The run timed out in Temporal; nothing more is done.',
  failed: 'The run failed in Temporal; nothing more is done.',
  unknown: 'Temporal no longer knows this run; nothing more is done. `/agent` starts it again.',
};

function unreachableWords({ channel, reason }: { channel: string; reason: string }): string {
  const why: Record<string, string> = {
    is_archived: 'is archived',
    not_in_channel: 'no longer has me as a member',
    channel_not_found: 'is out of my reach',
  };
  return `<#${escapeMrkdwn(channel)}> ${why[reason] ?? 'is out of my reach'}, so the plan waits for you here.`;
}

/** Who may decide, and how many have. */
export function waitingFor({ policy, votes, editors }: Waiting, requester: string): string {
  const who = `Waiting for ${approverWords(policy, requester, editors)}`;
  if (policy.approvals === 1) return who;
  const so = votes.length > 0 ? `, so far ${listed(votes.map((vote) => mention(vote.by.user)))}` : '';
  return `${who} · ${votes.length} of ${policy.approvals} approvals${so}`;
}
