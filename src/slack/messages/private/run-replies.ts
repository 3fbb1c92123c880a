import type { KnownBlock } from '@slack/types';
import type { Person } from '../../../approval/person.js';
import { GOAL_LIMIT } from '../../../run/input.js';
import type { RunSnapshot } from '../../../run/state.js';
import type { ExecutionEnd, RunSummary } from '../../../run/summary.js';
import { line } from '../kit/blocks.js';
import { MARKS } from '../kit/markdown/marks.js';
import { quoteBlock } from '../kit/rich-text.js';
import { clip, code, digits, escapeMrkdwn, mention, notificationLine } from '../kit/text.js';
import { problemLines, statusText, type ToolProblem } from './status.js';

/** A private reply to a command, a mention or a click. */
export interface Reply {
  text: string;
  blocks?: KnownBlock[];
}

export const HELP = [
  'Give me a goal. I research it, write a plan, and carry it out once the right people approve it.',
  '• `/agent <goal>` starts a run: `/agent draft the release notes for 2.4`',
  '• `@countersign <goal>` in a thread starts a run. I read the thread first. In the thread of a finished run, I continue from its result',
  '• In a direct message, write only the goal, or a command without `/agent`',
  '• `/agent list` shows your runs, and those you may approve',
  '• `/agent status <run>` shows what a run is doing',
  '• `/agent stop <run>` stops a run',
  '• `/agent schedule "every weekday at 9" <goal>` starts a run at these times, or once: `"tomorrow at 10"`. You see the times before you save',
  '• `/agent schedules` shows your schedules, with buttons to pause, run and delete them',
  '• `/agent help` shows this. If your goal begins with one of these words, put it in quotes',
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
  const after = followUp ? ` I continue from the result of run ${code(followUp.shortId)}.` : '';
  const status = `Status: \`/agent status ${shortId}\``;
  const head = waits
    ? `${MARKS.onHold} Run \`${shortId}\` is on hold: Slack can't tell me right now whether you may start runs. You asked for`
    : `:mag: Run \`${shortId}\` has started. ${mention(requester.user)} asked for`;
  const next = waits
    ? `I'll start it when Slack answers, and post a plan ${where}. ${status}`
    : `I'm researching this now and will post a plan ${where}.${after} Nothing runs until it's approved. ${status}`;
  const text = [head, `> ${notificationLine(goal, 1_500)}`, next].join('\n');
  return { text, blocks: [line(head), quoteBlock(clip(goal, 1_500)), line(next)] };
}

export function goalTooLongReply(length: number): string {
  return `That goal has ${digits(length)} characters, and the limit is ${digits(GOAL_LIMIT)}. Shorten it and try again.`;
}

export const THREAD_NOT_VISIBLE =
  "This thread belongs to a run that you can't see, so I started nothing. Ask me outside this thread.";

/** Reply to a direct message under a message of the app that is no card. */
export const NOT_READ_HERE =
  "I don't read answers under this message. To decide, use the buttons. To give me a goal, write it outside this thread.";

/** Reply to a mention that Slack delivered late. `link` leads to the mention. */
export function lateReply({ text, blocks }: Reply, link?: string): Reply {
  const about = `I got ${link ? `<${link}|your message>` : 'your message'} late. My answer:`;
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
  const steer = `To change its plan, click \`Request changes\` on ${card}. `;
  const see = link ? `See ${card}. ` : '';
  return [
    "I started nothing: the run of this thread isn't over yet.",
    statusText(run, { snapshot }),
    `${snapshot?.state === 'waiting' ? steer : see}To stop it: \`/agent stop ${escapeMrkdwn(run.shortId)}\`.`,
    "When it's over, ask me here again. I continue from its result.",
  ].join('\n');
}

/** `word`: the command's word, as the person typed it. */
export function unknownRunReply(word: string, shortId: string): string {
  if (shortId === '') return `Which run? Write \`/agent ${word} <run>\`. \`/agent list\` shows your runs.`;
  return `I can't find a run ${code(clip(shortId, 50))} that you can see. \`/agent list\` shows your runs.`;
}

/** Reply to `/agent stop`, `/agent cancel` and `Stop`. */
export function cancelReply(
  outcome: 'unknown-run' | 'not-allowed' | 'not-yet' | 'over' | 'cancelling' | 'requested',
  shortId: string,
): string {
  const name = code(shortId);
  const replies: Record<typeof outcome, string> = {
    'unknown-run': unknownRunReply('stop', shortId),
    'not-allowed': 'Only the person who asked and the approvers can stop a run.',
    'not-yet': `You can't stop run ${name} yet. You can once I ask you to approve it, too.`,
    over: `Run ${name} is already over.`,
    cancelling: `I'm stopping run ${name}.`,
    requested: `I got your request to stop run ${name}, but I can't check right now whether you may. If you may not, I'll tell you.`,
  };
  return replies[outcome];
}
