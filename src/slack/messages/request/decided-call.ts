import type { KnownBlock } from '@slack/types';
import { coversEveryCall, type Outcome } from '../../../approval/request.js';
import { headlineOf } from '../../../run/execution/headline.js';
import { context } from '../kit/blocks.js';
import { paragraph, quote, richText, verbatim } from '../kit/rich-text.js';
import { clip, factLine, mention, moment, peopleText } from '../kit/text.js';
import { fieldsLine } from './call-fields.js';
import { type CallItem, limitText } from './call-item.js';
import { toolText } from './subject.js';

const NOT_RUN = 'Not run. The agent continues without it.';

/** A decided call: what it was, and who decided. */
export function foldedBlocks(
  item: CallItem,
  outcome: Outcome,
  { number, isAlone }: { number: number | undefined; isAlone: boolean },
): KnownBlock[] {
  const { call } = item.subject;
  const fields = fieldsLine(call.input, 200);
  const block = richText(
    paragraph(
      verbatim(`${number === undefined ? '' : `${number}. `}${headlineOf(call)}`, { bold: true }),
      ...(fields === '' ? [] : [verbatim(`\n${fields}`)]),
    ),
    ...notesOf(outcome, isAlone ? NOTES.alone : NOTES.beside).map((note) => quote(verbatim(note))),
  );
  return [block, context(outcomeText(item, outcome)), { type: 'divider' }];
}

/** Limits for the notes under a decided call: their number, and the characters of each where the call is alone in its message or not. */
const NOTES = { most: 5, alone: 1_000, beside: 200 } as const;

function notesOf(outcome: Outcome, chars: number): string[] {
  if (outcome.kind === 'expired' || outcome.kind === 'withdrawn') return [];
  const decisions = outcome.kind === 'approve' ? outcome.votes : [outcome.decision];
  const notes = decisions.map(({ note }) => note.trim()).filter((note) => note !== '');
  return notes.slice(0, NOTES.most).map((note) => clip(note, chars));
}

function outcomeText(item: CallItem, outcome: Outcome): string {
  const tool = toolText(item.subject.call.name);
  switch (outcome.kind) {
    case 'approve': {
      const standing =
        coversEveryCall(outcome) && `This run can now use it without asking, ${limitText(item)}.`;
      const last = outcome.votes.at(-1)?.at ?? outcome.decision.at;
      const who = `:white_check_mark: Approved by ${peopleText(outcome.votes)} · ${moment(last)}`;
      return factLine(who, tool, standing);
    }
    case 'expired':
      return `:alarm_clock: Nobody decided by ${moment(outcome.at)}. ${NOT_RUN}`;
    case 'withdrawn':
      return ':octagonal_sign: Not run: the run ended before anybody decided.';
    case 'edit':
      return `:pencil2: Edited by ${mention(outcome.decision.by.user)} · ${moment(outcome.decision.at)}. The edited action is below.`;
    default:
      return `:no_entry: Rejected by ${mention(outcome.decision.by.user)} · ${moment(outcome.decision.at)}. ${NOT_RUN}`;
  }
}
