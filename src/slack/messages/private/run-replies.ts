import type { KnownBlock } from '@slack/types';
import type { Person } from '../../../approval/person.js';
import { GOAL_LIMIT } from '../../../run/input.js';
import type { RunSnapshot } from '../../../run/state.js';
import type { ExecutionEnd, RunSummary } from '../../../run/summary.js';
import { line } from '../kit/blocks.js';
import { quoteBlock } from '../kit/rich-text.js';
import { clip, code, escapeMrkdwn, mention, notificationLine } from '../kit/text.js';
import { problemLines, statusText, type ToolProblem } from './status.js';

/** A private reply to a command, a mention or a click. */
export interface Reply {
  text: string;
  blocks?: KnownBlock[];
}

export const HELP = [
  '*Countersign* researches a goal, writes a plan, and carries it out once the right people have approved it.',
  '• `/agent <goal>` starts a run: `/agent draft the release notes for 2.4`',
  '• `@countersign <goal>` does so in a thread; under the card of a finished run, it goes on from its result',
  '• A direct message to me is a goal, too, or one of the words below without `/agent`',
  '• `/agent list` shows your runs and those you may approve',
  '• `/agent status <run>` says where a run stands',
  '• `/agent cancel <run>` stops it',
  '• `/agent schedule "every weekday at 9" <goal>` starts a run again and again; you see when before it is saved',
  '• `/agent schedules` shows the schedules, to pause, run now and delete',
  '• `/agent help` shows this. A goal that begins with one of these words goes in quotes.',
].join('\n');

export function startedReply(
  goal: string,
  run: {
    shortId: string;
    requester: Person;
    origin: { channel: string };
    place: { channel: string; thread?: string };
    followUp?: { shortId: string };
    waits?: true;
  },
): Reply {
  const { shortId, requester, origin, place, followUp, waits } = run;
  const here = place.thread ? 'in this thread' : 'here';
  const where = place.channel === origin.channel ? here : `in <#${escapeMrkdwn(place.channel)}>`;
  const after = followUp ? ` It goes on from run ${code(followUp.shortId)}.` : '';
  const says = `\`/agent status ${shortId}\` says where it stands.`;
  const head = waits
    ? `:hourglass: Run \`${shortId}\` waits: Slack can't say just now whether you may ask me. You asked for`
    : `:mag: Run \`${shortId}\` has started: ${mention(requester.user)} asked for`;
  const next = waits
    ? `It begins by itself once Slack has answered, and posts a plan ${where}. ${says}`
    : `I am searching the web, then I post a plan ${where}.${after} Nothing is done before it is approved. ${says}`;
  const text = [head, `> ${notificationLine(goal, 1_500)}`, next].join('\n');
  return { text, blocks: [line(head), quoteBlock(clip(goal, 1_500)), line(next)] };
}

export function goalTooLongReply(length: number): string {
  return `The goal has ${length} characters; the limit is ${GOAL_LIMIT}. Shorten it and try again.`;
}

export const THREAD_NOT_VISIBLE =
  'This thread is about a run that you can’t see, so nothing was started. Ask me outside of it.';

/** Reply to a direct message under a message of the app that is no card. */
export const NOT_READ_HERE =
  'I don’t read answers under this message. To decide, use the buttons. To give me a goal, write it here outside of this thread.';

/** Reply to a mention that Slack delivered late. `link` leads to the mention. */
export function lateReply({ text, blocks }: Reply, link?: string): Reply {
  const about = `About ${link ? `<${link}|your message>` : 'your message'}, which reached me late:`;
  return { text: `${about}\n${text}`, ...(blocks && { blocks: [line(about), ...blocks] }) };
}

/** Reply to `/agent status`. `problems`: unavailable tool servers, and tools that can't be offered. `link` leads to the card. */
export function statusReply(
  {
    run,
    snapshot,
    end,
  }: { run: Omit<RunSummary, 'executionId'>; snapshot?: RunSnapshot; end?: ExecutionEnd },
  problems: ToolProblem[],
  link?: string,
): string {
  if (end) return statusText(run, { end, link });
  return [statusText(run, { snapshot, link }), ...problemLines(problems)].join('\n');
}

/** Explains that a goal in an unfinished run's thread starts nothing. `link` leads to the run's card. */
export function busyThreadReply(run: RunSummary, snapshot?: RunSnapshot, link?: string): string {
  const card = link ? `<${link}|its card>` : 'its card';
  const steer = `To change what it does, click \`Request changes\` on ${card} and say what should be different. `;
  return [
    'Nothing new was started: the run of this thread is not over yet.',
    statusText(run, { snapshot }),
    `${snapshot?.state === 'waiting' ? steer : ''}\`Stop\` on ${card}, or \`/agent cancel ${escapeMrkdwn(run.shortId)}\`, ends it.`,
    'When it is over, ask me here again: a new run then goes on from its result.',
  ].join('\n');
}

export function unknownRunReply(verb: 'status' | 'cancel', shortId: string): string {
  if (shortId === '') return `Which run? \`/agent ${verb} <run>\`; \`/agent list\` shows them.`;
  return `There is no run ${code(clip(shortId, 50))} that you can see. \`/agent list\` shows yours.`;
}

/** Reply to `/agent cancel` and `Stop`. */
export function cancelReply(
  outcome: 'unknown-run' | 'not-allowed' | 'not-yet' | 'over' | 'cancelling' | 'requested',
  shortId: string,
): string {
  const name = code(shortId);
  const replies: Record<typeof outcome, string> = {
    'unknown-run': unknownRunReply('cancel', shortId),
    'not-allowed': 'Only the person who asked, and those who may approve, can cancel a run.',
    'not-yet': `You can cancel run ${name} once it is escalated to you. Until then only the person who asked, and those who may approve now, can.`,
    over: `Run ${name} is over already.`,
    cancelling: `Run ${name} is being cancelled.`,
    requested: `Run ${name} is asked to stop. No worker could say just now whether you may; if you may not, you will be told.`,
  };
  return replies[outcome];
}
