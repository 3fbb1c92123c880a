import type { Button, KnownBlock } from '@slack/types';
import { BOARD_LENGTH, type Board, soonestExpiry } from '../../../run/board.js';
import type { MessageRef } from '../../../run/message.js';
import type { OpenItem, RunView } from '../../../run/run-view.js';
import type { ScheduleSummary } from '../../../schedule/schedule.js';
import { actions, blockList, button, context, detailsButton, line, openButton } from '../kit/blocks.js';
import { ACTIONS, encodeButton } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { paragraph, richText, verbatim } from '../kit/rich-text.js';
import { clip, code, count, deadline, factLine, mention, moment, plain } from '../kit/text.js';
import { MAX_NOTICES } from '../notices/notice.js';
import { HELP } from '../private/run-replies.js';
import { scheduleBlocks } from '../schedule/schedules.js';
import { askedText, FROM_SCHEDULE, isPlan, stateText, votesText } from './state-text.js';

/** Limits for a title on App Home, in characters, and for its schedules, which have four blocks each. */
const TITLE = 150;
const SCHEDULES = 4;

/** Parts of the Home tab, each with a hint for an empty one. */
const PARTS: Record<keyof Board | 'schedules', [title: string, hint: string]> = {
  waiting: [
    'Waiting for you',
    `Nothing waits for you. When a plan needs you or a group of yours, it shows up here. If at most ${MAX_NOTICES} people can approve it, I send you a direct message, too.`,
  ],
  started: [
    'Started by you',
    'No other runs yet. Type `/agent` and a goal in a channel: `/agent draft the release notes for 2.4`. I plan it, and nothing runs until the plan is approved.',
  ],
  schedules: ['Schedules', 'None yet. `/agent schedule "every weekday at 9" <goal>` makes one.'],
  recent: ['Recent', 'When somebody decides a plan that you can approve, it shows up here.'],
};

/** Links to messages, by the messages' keys. */
export type Links = ReadonlyMap<string, string>;

export function linkKey({ channel, ts }: MessageRef): string {
  return `${channel} ${ts}`;
}

/** Message in which people look at a run: one that waits in the thread, or else the card. */
export function messageOf({ open, card }: RunView): MessageRef | undefined {
  return open.find(({ message }) => message !== undefined)?.message ?? card;
}

/** Home tab: what waits for a person, their own runs and schedules, and other runs in which they had a say. Unknown schedules are left out. */
export function homeBlocks(board: Board, links: Links, schedules?: ScheduleSummary[]): KnownBlock[] {
  const runs = (part: keyof Board, draw: (run: RunView) => KnownBlock[]) =>
    partBlocks(part, board[part].length, BOARD_LENGTH[part], board[part].map(draw));
  return [
    ...runs('waiting', (run) => waitingBlocks(run, links)),
    ...runs('started', (run) => runBlocks(run, links)),
    ...(schedules ? schedulesBlocks(schedules) : []),
    ...runs('recent', (run) => runBlocks(run, links)),
    line(HELP),
  ];
}

function partBlocks(
  part: keyof typeof PARTS,
  number: number,
  most: number,
  rows: KnownBlock[][],
): KnownBlock[] {
  const [title, hint] = PARTS[part];
  const heading = number === 0 ? title : `${title} (${number}${number === most ? ' or more' : ''})`;
  return blockList(
    { type: 'header', text: plain(heading, LIMITS.headerText) },
    number === 0 && context(hint),
    rows.flat(),
    { type: 'divider' },
  );
}

function schedulesBlocks(schedules: ScheduleSummary[]): KnownBlock[] {
  const hidden = schedules.length - SCHEDULES;
  const more = hidden > 0 ? [[context(`${hidden} more: \`/agent schedules\` shows them.`)]] : [];
  const rows = [...schedules.slice(0, SCHEDULES).map(scheduleBlocks), ...more];
  return partBlocks('schedules', schedules.length, Number.POSITIVE_INFINITY, rows);
}

/** A run that waits for the person. Its plan can be approved here, where its steps are shown; an action is approved where its input is. */
function waitingBlocks(run: RunView, links: Links): KnownBlock[] {
  const { open, outline } = run;
  const plan = open.find(isPlan);
  const isQuestionOnly = open.every(({ subject }) => subject !== 'plan' && subject !== 'tool-call');
  const votes =
    plan &&
    votesText(plan)
      .replaceAll(/[ ()]+/g, ' ')
      .trim();
  const facts = factLine(
    !plan && `:large_yellow_circle: ${askedText(open)} for you`,
    `${isQuestionOnly ? 'Answer' : 'Decide'} by ${deadline(soonestExpiry(run))}`,
    votes !== undefined && votes !== '' && `${votes} approvals so far`,
    originText(run),
  );
  const steps = plan && outline ? outlineText(outline) : '';
  const label = plan ? 'Open the card' : 'Open to decide';
  return rowBlocks('waiting', run, { steps, facts }, [
    ...(plan ? [approveButton(run, plan)] : []),
    ...openButtons(run, links, label),
  ]);
}

function runBlocks(run: RunView, links: Links): KnownBlock[] {
  const { state, expiresAt, changedAt } = run;
  const isWaiting = state === 'waiting' && expiresAt;
  const isGoing = state === 'working' || state === 'executing';
  const changed = `${isGoing ? 'since ' : ''}${moment(changedAt)}`;
  const when = isWaiting ? `until ${deadline(expiresAt)}` : changed;
  const facts = factLine(stateText(run), when, originText(run));
  return rowBlocks('run', run, { steps: '', facts }, openButtons(run, links, 'Open'));
}

function rowBlocks(
  part: string,
  { shortId, title, goal }: RunView,
  { steps, facts }: { steps: string; facts: string },
  buttons: Button[],
): KnownBlock[] {
  const name = verbatim(clip((title ?? goal).replaceAll(/\s+/g, ' '), TITLE), { bold: true });
  return [
    richText(paragraph(name, ...(steps === '' ? [] : [verbatim(steps)]))),
    context(facts),
    actions(`${part} ${shortId}`, ...buttons),
  ];
}

function outlineText({ steps, of }: RunView['outline'] & object): string {
  const shown = steps.map((step, at) => `\n${at + 1}. ${step.replaceAll(/\s+/g, ' ')}`);
  const more = of - steps.length;
  return [...shown, ...(more > 0 ? [`\n… and ${count(more, 'more step')}`] : [])].join('');
}

function originText({ requester, schedule, shortId }: RunView): string {
  return factLine(
    `asked by ${mention(requester.user)}`,
    schedule !== undefined && FROM_SCHEDULE,
    `run ${code(shortId)}`,
  );
}

/** `Approve` for a plan, after a confirmation that names it: a row shows less than the card. */
function approveButton({ shortId: run, title, goal }: RunView, plan: OpenItem): Button {
  const { request, revision, id, digest } = plan;
  const text = `“${clip((title ?? goal).replaceAll(/\s+/g, ' '), TITLE)}”, revision ${revision}. The whole plan is on its card.`;
  return button(ACTIONS.approve, 'Approve', {
    style: 'primary',
    value: encodeButton({ run, request, revision, items: [{ id, digest }] }),
    confirm: { title: 'Approve this plan?', text, confirm: 'Approve', deny: 'Not now' },
  });
}

function openButtons(run: RunView, links: Links, label: string): Button[] {
  const message = messageOf(run);
  const link = message && links.get(linkKey(message));
  return [...(link ? [openButton(label, link)] : []), detailsButton(run.shortId)];
}
