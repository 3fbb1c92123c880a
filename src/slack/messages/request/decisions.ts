import type { KnownBlock } from '@slack/types';
import type { Decision, DecisionKind } from '../../../approval/decision.js';
import { blockList, context, line } from '../kit/blocks.js';
import { paragraph, quote, quoteBlock, richText, verbatim } from '../kit/rich-text.js';
import { clip, count, mention, moment, NAMED, peopleText } from '../kit/text.js';

/** Limit for the outcome on a card, in characters. `paginate` reserves more, because a card also has a head and buttons. */
export const OUTCOME_ROOM = 3_800;

/** Limit for the person and the time, in characters. */
const HEAD = 130;

/** More approvals than this share one line, and one block for their notes. */
const ONE_BY_ONE = 5;

/** Approvals with their notes. Notes that exceed the limit are cut evenly. */
export function voteBlocks(votes: Decision[], room: number = OUTCOME_ROOM): KnownBlock[] {
  const last = votes.at(-1);
  if (!last) return [];
  if (votes.length <= ONE_BY_ONE) {
    const each = Math.floor(room / votes.length);
    return votes.flatMap((vote) => decisionBlocks(vote, each));
  }
  const head = `:white_check_mark: Approved by ${peopleText(votes)}, the last of them ${moment(last.at)}`;
  return [line(head), ...noteBlocks(votes, room - head.length)];
}

/** Icon and title of each decision. */
export const DECIDED: Record<DecisionKind, [icon: string, title: string]> = {
  approve: [':white_check_mark:', 'Approved'],
  reject: [':no_entry:', 'Rejected'],
  changes: [':pencil2:', 'Changes requested'],
  edit: [':pencil2:', 'Edited'],
  extend: [':alarm_clock:', 'Extended'],
  answer: [':speech_balloon:', 'Answered'],
};

/** One decision: its person, time and note. */
export function decisionBlocks(decision: Decision, room: number = OUTCOME_ROOM): KnownBlock[] {
  const { by, at, kind } = decision;
  const note = clip(decision.note, Math.max(room - HEAD, 40));
  return blockList(
    line(`${DECIDED[kind].join(' ')} by ${mention(by.user)} · ${moment(at)}`),
    note && quoteBlock(note),
  );
}

function noteBlocks(votes: Decision[], room: number): KnownBlock[] {
  const noted = votes.filter(({ note }) => note !== '');
  const shown = noted.slice(0, NAMED);
  const each = Math.max(Math.floor(room / shown.length), 40);
  const notes = shown.flatMap(({ by, note }) => [
    paragraph({ type: 'user', user_id: by.user }),
    quote(verbatim(clip(note, each))),
  ]);
  return blockList(
    notes.length > 0 && richText(...notes),
    noted.length > NAMED && context(`${count(noted.length - NAMED, 'more note')} not shown here`),
  );
}
