import type { KnownBlock } from '@slack/types';
import cronstrue from 'cronstrue';
import type { PostObstacle } from '../../../run/admission.js';
import { onceAt } from '../../../schedule/once.js';
import { EXAMPLES } from '../../../schedule/problems.js';
import type {
  ScheduleChange,
  ScheduleDraft,
  ScheduledTimes,
  ScheduleSummary,
} from '../../../schedule/schedule.js';
import { actions, blockList, button, context, line } from '../kit/blocks.js';
import { ACTIONS } from '../kit/ids.js';
import type { MessagePayload } from '../kit/payload.js';
import { quoteBlock, quoteBlocks } from '../kit/rich-text.js';
import {
  clip,
  code,
  count,
  dayAndTime,
  digits,
  escapeMrkdwn,
  factLine,
  mention,
  moment,
  oneLine,
} from '../kit/text.js';

/** Limit for the schedules in one message, which must fit with their buttons. */
const SHOWN = 10;
/** Limits for a timetable, which may list many days, and for a goal, in characters. */
const TIMETABLE_LENGTH = 150;
const GOAL_LENGTH = 100;

/** A timetable as text: "At 9:00 AM, Monday through Friday", or "Once". */
export function timetableText(cron: string): string {
  if (onceAt(cron)) return 'Once';
  const words = cronstrue.toString(cron, {
    use24HourTimeFormat: false,
    verbose: false,
    logicalAndDayFields: true,
  });
  const text = words.replaceAll(/\b0(\d:\d\d [AP]M)/g, '$1');
  const [, hours = '', ...days] = cron.split(' ');
  return hours.includes('*') || days.some((field) => field !== '*') ? text : `${text}, every day`;
}

/** Draft of a schedule, with `Save`. `here`: its plans are posted in the channel of the command. */
export function draftMessage(
  draft: ScheduleDraft,
  shown: { next: Date[]; here: boolean; zoneKnown: boolean; obstacle: PostObstacle | undefined },
): MessagePayload {
  const times = draftTimes(draft);
  const where = shown.here ? 'here' : `in <#${escapeMrkdwn(draft.channel)}>`;
  const isOnce = onceAt(draft.cron) !== undefined;
  return {
    text: `Not saved yet: ${times}. Save it?`,
    blocks: blockList(
      line(`:calendar: Not saved yet: ${times}. I'll start a run with this goal:`),
      quoteBlocks(draft.goal),
      !isOnce && line(['Next times:', ...shown.next.map((at) => `• ${dayAndTime(at)}`)].join('\n')),
      !shown.zoneKnown && line(":warning: I don't know your time zone, so I read these times as UTC."),
      shown.obstacle && line(obstacleWarning(shown.obstacle, where)),
      context(
        `${isOnce ? 'The run posts its' : 'Each run posts a'} plan ${where}. Nothing runs until it's approved.`,
      ),
      actions(
        undefined,
        button(ACTIONS.saveSchedule, 'Save', { value: JSON.stringify(draft), style: 'primary' }),
        button(ACTIONS.discardSchedule, "Don't save", { value: draft.id }),
      ),
    ),
  };
}

function obstacleWarning(obstacle: PostObstacle, where: string): string {
  if (where === 'here' && obstacle !== 'is_archived')
    return ":warning: I'm not in this channel. `/invite @countersign`, or use a channel that I'm in.";
  return obstacle === 'is_archived'
    ? `:warning: I can't post ${where}: the channel is archived. Unarchive it, or use another channel.`
    : `:warning: I can't post ${where}: I'm not in that channel. \`/invite @countersign\` there, or use a channel that I'm in.`;
}

/** Replaces the draft once the schedule is saved. */
export function savedMessage(draft: ScheduleDraft, next: Date | undefined): MessagePayload {
  const due = next && !onceAt(draft.cron) ? ` Next: ${dayAndTime(next)}.` : '';
  const text = `:white_check_mark: Saved: ${draftTimes(draft)}.${due}`;
  const hint = `Schedule ${code(draft.id)}. To pause it, run it now or delete it: \`/agent schedules\`.`;
  return { text, blocks: [line(text), ...quoteBlocks(draft.goal), context(hint)] };
}

/** List of schedules with their buttons. `note`: the result of the last change. */
export function scheduleListMessage(schedules: ScheduleSummary[], note?: string): MessagePayload {
  const head =
    schedules.length === 0
      ? 'You have no schedules. `/agent schedule "every weekday at 9" <goal>` makes one.'
      : 'Your schedules, and those whose plans you may approve:';
  const hidden = schedules.length - SHOWN;
  const blocks = blockList(
    note && line(note),
    line(head),
    schedules.slice(0, SHOWN).flatMap(scheduleBlocks),
    hidden > 0 && context(`${count(hidden, 'more schedule')}, due later, not shown here.`),
  );
  return { text: note ?? head, blocks };
}

const CHANGES: Record<ScheduleChange['kind'], string> = {
  pause: ':double_vertical_bar: Paused',
  resume: ':arrow_forward: Resumed',
  run: ':mag: I started a run',
  delete: ':wastebasket: Deleted',
};

/** Result of a click on a schedule's button. */
export function scheduleChangeText(kind: ScheduleChange['kind'], schedule: ScheduleSummary): string {
  const rest = kind === 'delete' ? '. Runs that it already started continue.' : '';
  return `${CHANGES[kind]}: ${timesText(schedule)}, ${oneLine(schedule.goal, GOAL_LENGTH)}${rest}`;
}

/** A schedule with its buttons, in four blocks. */
export function scheduleBlocks(schedule: ScheduleSummary): KnownBlock[] {
  const { id, words, cron, goal, requester, channel, paused, next, last } = schedule;
  const isOnce = onceAt(cron) !== undefined;
  const isOver = !paused && next.length === 0;
  const due = isOver ? (isOnce && last ? 'started' : 'not due any more') : isOnce ? '' : nextText(next);
  const facts = factLine(
    code(id),
    `asked by ${mention(requester.user)}`,
    !channel.startsWith('D') && `<#${escapeMrkdwn(channel)}>`,
    last && `last run ${code(last.shortId)} ${moment(last.at)}`,
  );
  const value = JSON.stringify({ schedule: id });
  const subject = `${clip(words, TIMETABLE_LENGTH)}: ${clip(goal, GOAL_LENGTH)}`;
  const confirm = { title: 'Delete this schedule?', text: subject, confirm: 'Delete', deny: 'Keep it' };
  return [
    line(factLine(timesText(schedule), paused ? 'paused' : due)),
    quoteBlock(clip(goal, GOAL_LENGTH)),
    line(facts),
    actions(
      undefined,
      ...(paused
        ? [button(ACTIONS.resumeSchedule, 'Resume', { value })]
        : isOver
          ? []
          : [button(ACTIONS.pauseSchedule, 'Pause', { value })]),
      button(ACTIONS.runSchedule, 'Run now', { value }),
      button(ACTIONS.deleteSchedule, 'Delete', { value, style: 'danger', confirm }),
    ),
  ];
}

function nextText([next]: Date[]): string {
  return next ? `next ${dayAndTime(next)}` : '';
}

function draftTimes({ cron, timeZone }: ScheduleDraft): string {
  return timesText({ cron, words: timetableText(cron), timeZone });
}

function timesText({ cron, words, timeZone }: ScheduledTimes): string {
  const once = onceAt(cron);
  if (once) return `*Once*, ${dayAndTime(once)}`;
  const zone = timeZone.replace('Etc/', '').replaceAll('_', ' ');
  return `*${escapeMrkdwn(clip(words, TIMETABLE_LENGTH))}* (${escapeMrkdwn(zone)})`;
}

/** Private replies about schedules for commands and clicks that change nothing. */
export const SCHEDULE_HELP = [
  'Say when in quotes, then the goal: `/agent schedule "every weekday at 9" draft the stand-up notes`.',
  `Other times: ${EXAMPLES}, or cron: \`0 9 * * 1-5\`.`,
  'If all of that is a goal, put it in quotes.',
].join('\n');

export function timetableNotReadReply(problem: string): string {
  return `:warning: ${escapeMrkdwn(clip(problem, 500))}`;
}

export function scheduleGoalTooLongReply(length: number, limit: number): string {
  return `That goal has ${digits(length)} characters. In a schedule it can have ${digits(limit)}. Shorten it, or put the details on a page and give me its link.`;
}

export const SCHEDULE_DISCARDED = 'Not saved.';

export function scheduleNotTaken(problem: string): string {
  return `:warning: I couldn't save this schedule: ${oneLine(problem, 500)}.`;
}
