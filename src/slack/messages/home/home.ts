import type { KnownBlock } from '@slack/types';
import { BOARD_LENGTH, type Board, type RunView } from '../../../run/board.js';
import type { MessageRef } from '../../../run/run.js';
import { detailsButton, openButton } from '../kit/buttons.js';
import { context, line } from '../kit/lines.js';
import { clip, count, escapeMrkdwn, mention, moment, plain } from '../kit/text.js';
import { HELP } from '../private/help.js';
import { MAX_NOTICES } from '../private/notices.js';

const STATES: Record<RunView['state'], string> = {
  working: ':hourglass_flowing_sand: being planned',
  waiting: ':ballot_box_with_ballot: waits for approval',
  executing: ':gear: being carried out',
  completed: ':checkered_flag: done',
  rejected: ':no_entry: rejected',
  expired: ':hourglass: expired',
  cancelled: ':octagonal_sign: cancelled',
  failed: ':warning: failed',
  gone: ':octagonal_sign: ended from outside',
};

/** Where a run is to be looked at: where it asks people something, else its card. */
export function placeOf({ asks, card }: RunView): MessageRef | undefined {
  return asks.find(({ at }) => at !== undefined)?.at ?? card;
}

export function keyOf({ channel, ts }: MessageRef): string {
  return `${channel} ${ts}`;
}

/** The Home tab: what waits for a person, what they started, and what else they had a say in. `links` are those of messages, by their keys. */
export function homeBlocks(board: Board, links: ReadonlyMap<string, string>): KnownBlock[] {
  return [
    ...part(
      'Waiting for you',
      board.waiting,
      links,
      `Nothing waits for you. When a policy names you, or a group that you are in, the plan shows up here at once. As long as no more than ${MAX_NOTICES} people may approve it, I tell you in a direct message, too.`,
    ),
    { type: 'divider' },
    ...part(
      'Started by you',
      board.started,
      links,
      'Nothing yet. Type `/agent` and a goal in a channel: `/agent draft the release notes for 2.4`. I plan it, and nothing is done before the plan is approved.',
    ),
    { type: 'divider' },
    ...part(
      'Recent',
      board.recent,
      links,
      'Plans of others that you may approve, and those that you had a say in, stay here once they are decided.',
    ),
    { type: 'divider' },
    line(HELP),
  ];
}

function part(
  title: string,
  runs: RunView[],
  links: ReadonlyMap<string, string>,
  empty: string,
): KnownBlock[] {
  const number =
    runs.length === 0 ? '' : ` (${runs.length}${runs.length === BOARD_LENGTH ? ' or more' : ''})`;
  return [
    { type: 'header', text: plain(`${title}${number}`, 150) },
    ...(runs.length === 0
      ? [context(empty)]
      : runs.flatMap((run) => runBlocks(run, linkOf(run, links), title))),
  ];
}

function linkOf(run: RunView, links: ReadonlyMap<string, string>): string | undefined {
  const place = placeOf(run);
  return place && links.get(keyOf(place));
}

function runBlocks(run: RunView, link: string | undefined, part: string): KnownBlock[] {
  const title = escapeMrkdwn(clip((run.title ?? run.goal).replaceAll(/\s+/g, ' '), 150));
  const head = line(`*${title}*`);
  const isOver = !['working', 'waiting', 'executing'].includes(run.state);
  const label = run.asks.length > 0 ? 'Open the thread' : run.state === 'waiting' ? 'Open the card' : 'Open';
  const facts = [
    ...(run.asks.length > 0 ? [askWords(run)] : [STATES[run.state], ...progress(run)]),
    `asked by ${mention(run.requester.user)}`,
    run.state === 'waiting' && run.expiresAt ? `expires ${moment(run.expiresAt)}` : moment(run.at),
    `run \`${escapeMrkdwn(run.runId)}\``,
  ];
  const buttons = [...(link ? [openButton(label, link)] : []), ...(isOver ? [detailsButton(run.runId)] : [])];
  return [
    head,
    context(facts.join(' · ')),
    ...(buttons.length > 0
      ? [{ type: 'actions' as const, block_id: `${part} ${run.runId}`, elements: buttons }]
      : []),
  ];
}

/** What a run waits for while it is carried out; it is in the thread of the run's card. */
function askWords({ asks }: RunView): string {
  const calls = asks.filter(({ what }) => what === 'tool-call').length;
  const questions = asks.length - calls;
  const parts = [
    ...(calls > 0 ? [count(calls, 'tool call')] : []),
    ...(questions > 0 ? [count(questions, 'question')] : []),
  ];
  return `:ballot_box_with_ballot: ${parts.join(' and ')} ${asks.length === 1 ? 'waits' : 'wait'} in the thread`;
}

function progress({ state, policy, votes }: RunView): string[] {
  const several = state === 'waiting' && policy.approvals > 1;
  return several ? [`${votes.length} of ${policy.approvals} approvals`] : [];
}
