import type { KnownBlock } from '@slack/types';
import { BOARD_LENGTH, type Board } from '../../../run/board.js';
import type { MessageRef } from '../../../run/message.js';
import type { RunView } from '../../../run/run-view.js';
import { actions, blockList, context, detailsButton, line, openButton } from '../kit/blocks.js';
import { LIMITS } from '../kit/limits.js';
import { paragraph, richText, verbatim } from '../kit/rich-text.js';
import { clip, code, count, factLine, mention, moment, plain } from '../kit/text.js';
import { MAX_NOTICES } from '../notices/notice.js';
import { HELP } from '../private/run-replies.js';

const STATES: Record<RunView['state'], string> = {
  working: ':large_blue_circle: being planned',
  waiting: ':large_yellow_circle: waits for approval',
  executing: ':gear: being carried out',
  completed: ':checkered_flag: done',
  rejected: ':no_entry: rejected',
  expired: ':alarm_clock: expired',
  cancelled: ':octagonal_sign: stopped',
  failed: ':warning: failed',
  gone: ':octagonal_sign: ended from outside',
};

/** Parts of the Home tab, each with a hint for an empty one. */
const PARTS: [part: keyof Board, title: string, hint: string][] = [
  [
    'waiting',
    'Waiting for you',
    `Nothing waits for you. When a policy names you, or a group that you are in, the plan shows up here at once. As long as no more than ${MAX_NOTICES} people may approve it, I tell you in a direct message, too.`,
  ],
  [
    'started',
    'Started by you',
    'Nothing yet. Type `/agent` and a goal in a channel: `/agent draft the release notes for 2.4`. I plan it, and nothing is done before the plan is approved.',
  ],
  [
    'recent',
    'Recent',
    'Plans of others that you may approve, and those that you decided about, stay here once they are decided.',
  ],
];

/** Links to messages, by the messages' keys. */
export type Links = ReadonlyMap<string, string>;

export function linkKey({ channel, ts }: MessageRef): string {
  return `${channel} ${ts}`;
}

/** Message in which people look at a run: one that waits in the thread, or else the card. */
export function messageOf({ open, card }: RunView): MessageRef | undefined {
  return open.find(({ message }) => message !== undefined)?.message ?? card;
}

/** Home tab: runs that wait for a person, runs that they started, and other runs in which they had a say. */
export function homeBlocks(board: Board, links: Links): KnownBlock[] {
  const parts = PARTS.flatMap(([part, title, hint]) => {
    const runs = board[part];
    const number = `${runs.length}${runs.length === BOARD_LENGTH ? ' or more' : ''}`;
    const heading = runs.length === 0 ? title : `${title} (${number})`;
    return blockList(
      { type: 'header', text: plain(heading, LIMITS.headerText) },
      runs.length === 0 && context(hint),
      runs.flatMap((run) => runBlocks(run, links, title)),
      { type: 'divider' },
    );
  });
  return [...parts, line(HELP)];
}

function runBlocks(run: RunView, links: Links, part: string): KnownBlock[] {
  const { shortId, title, goal, requester, state, policy, votes, expiresAt, changedAt } = run;
  const isWaiting = state === 'waiting';
  const isOver = !isWaiting && state !== 'working' && state !== 'executing';
  const inThread = run.open.filter(({ subject }) => subject !== 'plan');
  const isInThread = inThread.length > 0;
  const quorum = `${votes.length} of ${policy.approvals} approvals`;
  const facts = factLine(
    isInThread ? requestsText(inThread) : STATES[state],
    !isInThread && isWaiting && policy.approvals > 1 && quorum,
    `asked by ${mention(requester.user)}`,
    isWaiting && expiresAt ? `expires ${moment(expiresAt)}` : moment(changedAt),
    `run ${code(shortId)}`,
  );
  const message = messageOf(run);
  const link = message && links.get(linkKey(message));
  const label = isInThread ? 'Open the thread' : isWaiting ? 'Open the card' : 'Open';
  const buttons = [...(link ? [openButton(label, link)] : []), ...(isOver ? [detailsButton(shortId)] : [])];
  return blockList(
    richText(paragraph(verbatim(clip((title ?? goal).replaceAll(/\s+/g, ' '), 150), { bold: true }))),
    context(facts),
    buttons.length > 0 && actions(`${part} ${shortId}`, ...buttons),
  );
}

/** Text about the open items in the thread of the run's card. */
function requestsText(open: RunView['open']): string {
  const calls = open.filter(({ subject }) => subject === 'tool-call').length;
  const questions = open.length - calls;
  const parts = [calls > 0 && count(calls, 'tool call'), questions > 0 && count(questions, 'question')];
  const verb = open.length === 1 ? 'waits' : 'wait';
  return `:large_yellow_circle: ${parts.filter(Boolean).join(' and ')} ${verb} in the thread`;
}
