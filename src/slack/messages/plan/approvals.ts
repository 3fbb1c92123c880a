import type { KnownBlock } from '@slack/types';
import type { Decision } from '../../../approval/judge.js';
import { context, line } from '../kit/lines.js';
import { paragraph, quote, richText } from '../kit/rich-text.js';
import { clip, count, listed, mention, moment, NAMED, verbatim } from '../kit/text.js';

/** So much the outcome on a card may say, in characters; what `paginate` keeps free is for its head and its buttons, too. */
export const ROOM = 3_800;

/** So much of it goes to who decided and when. */
const HEAD = 130;

/** So many approvals stand one by one, each with its note; more share one line, and one block for their notes. */
const ONE_BY_ONE = 5;

/** Who approved, and their notes: whole where there is room, else cut evenly. */
export function approvals(votes: Decision[], room: number = ROOM): KnownBlock[] {
  const last = votes.at(-1);
  if (!last) return [];
  if (votes.length <= ONE_BY_ONE) {
    const each = Math.floor(room / votes.length);
    return votes.flatMap((vote) => said(':white_check_mark: Approved', vote, each));
  }
  const who = listed(votes.map(({ by }) => mention(by.user)));
  const head = line(`:white_check_mark: Approved by ${who}, the last of them ${moment(last.at)}`);
  return [head, ...notes(votes, room - (head.text?.text.length ?? 0))];
}

/** Who said it, when, and in what words. */
export function said(what: string, decision: Decision, room: number = ROOM): KnownBlock[] {
  const head = line(`${what} by ${mention(decision.by.user)} · ${moment(decision.at)}`);
  const note = clip(decision.note, Math.max(room - HEAD, 40));
  return note === '' ? [head] : [head, richText(quote(verbatim(note)))];
}

function notes(votes: Decision[], room: number): KnownBlock[] {
  const noted = votes.filter(({ note }) => note !== '');
  if (noted.length === 0) return [];
  const shown = noted.slice(0, NAMED);
  const left = noted.length - shown.length;
  const each = Math.max(Math.floor(room / shown.length), 40);
  const block = richText(
    ...shown.flatMap(({ by, note }) => [
      paragraph({ type: 'user' as const, user_id: by.user }),
      quote(verbatim(clip(note, each))),
    ]),
  );
  return [block, ...(left > 0 ? [context(`${count(left, 'more note')} not shown here`)] : [])];
}
