import type { KnownBlock } from '@slack/types';
import cronstrue from 'cronstrue';
import type { PostObstacle } from '../../../run/admission.js';
import type {
  ScheduleChange,
  ScheduleDraft,
  ScheduledTimes,
  ScheduleSummary,
} from '../../../schedule/schedule.js';
import { EXAMPLES } from '../../../schedule/timetable-words.js';
import { actions, blockList, button, context, line } from '../kit/blocks.js';
import { ACTIONS } from '../kit/ids.js';
import type { MessagePayload } from '../kit/payload.js';
import { quoteBlock, quoteBlocks } from '../kit/rich-text.js';
import { clip, code, escapeMrkdwn, factLine, mention, moment, oneLine } from '../kit/text.js';

/** Limit for the schedules in one message, which must fit with their buttons. */
const SHOWN = 10;
/** Limits for a timetable, which may list many days, and for a goal, in characters. */
const TIMETABLE_LENGTH = 150;
const GOAL_LENGTH = 100;

/** A timetable as text: "At 09:00, Monday through Friday". `cron` has five fields. */
export function timetableText(cron: string): string {
  const text = cronstrue.toString(cron, {
    use24HourTimeFormat: true,
    verbose: false,
    logicalAndDayFields: true,
  });
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
  return {
    text: `Not saved yet: ${times}. Save it?`,
    blocks: blockList(
      line(`:calendar: Not saved yet: ${times}, a run starts for`),
      quoteBlocks(draft.goal),
      line(`Next: ${shown.next.map(moment).join(', ')}`),
      !shown.zoneKnown &&
        line(':warning: Slack did not say which time zone you are in, so these times are UTC.'),
      shown.obstacle && line(obstacleWarning(shown.obstacle, where)),
      context(`Each run posts its plan ${where}; nothing is done before that plan is approved.`),
      actions(
        undefined,
        button(ACTIONS.saveSchedule, 'Save', { value: JSON.stringify(draft), style: 'primary' }),
        button(ACTIONS.discardSchedule, 'Cancel', { value: draft.id }),
      ),
    ),
  };
}

function obstacleWarning(obstacle: PostObstacle, where: string): string {
  return obstacle === 'is_archived'
    ? `:warning: I can't post plans ${where}: the channel is archived. Unarchive it, or use another channel.`
    : `:warning: I am not in that conversation, so I can't post plans ${where}: invite me with \`/invite @countersign\`, or use a channel that I am in.`;
}

/** Replaces the draft once the schedule is saved. */
export function savedMessage(draft: ScheduleDraft, next: Date | undefined): MessagePayload {
  const text = `:white_check_mark: Saved: ${draftTimes(draft)}.${next ? ` Next: ${moment(next)}.` : ''}`;
  const hint = `Schedule ${code(draft.id)}. \`/agent schedules\` pauses it, runs it now, or deletes it.`;
  return { text, blocks: [line(text), ...quoteBlocks(draft.goal), context(hint)] };
}

/** List of schedules with their buttons. `note`: the result of the last change. */
export function scheduleListMessage(schedules: ScheduleSummary[], note?: string): MessagePayload {
  const head =
    schedules.length === 0
      ? 'No schedules. `/agent schedule "every weekday at 9" <goal>` makes one.'
      : 'Your schedules and those of runs that you may approve:';
  const hidden = schedules.length - SHOWN;
  const blocks = blockList(
    note && line(note),
    line(head),
    schedules.slice(0, SHOWN).flatMap(scheduleBlocks),
    hidden > 0 && context(`${hidden} more, which are due later, are not shown.`),
  );
  return { text: note ?? head, blocks };
}

const CHANGES: Record<ScheduleChange['kind'], string> = {
  pause: ':double_vertical_bar: Paused',
  resume: ':arrow_forward: Goes on',
  run: ':mag: A run has started',
  delete: ':wastebasket: Deleted (runs that it started go on)',
};

/** Result of a click on a schedule's button. */
export function scheduleChangeText(kind: ScheduleChange['kind'], schedule: ScheduleSummary): string {
  return `${CHANGES[kind]}: ${timesText(schedule)}, ${oneLine(schedule.goal, GOAL_LENGTH)}`;
}

/** A schedule with its buttons, in four blocks. */
export function scheduleBlocks(schedule: ScheduleSummary): KnownBlock[] {
  const { id, words, goal, requester, channel, paused, next, last } = schedule;
  const due = next[0] ? `next ${moment(next[0])}` : 'not due any more';
  const facts = factLine(
    code(id),
    `asked by ${mention(requester.user)}`,
    !channel.startsWith('D') && `<#${escapeMrkdwn(channel)}>`,
    last && `last run ${code(last.shortId)} ${moment(last.at)}`,
  );
  const value = JSON.stringify({ schedule: id });
  const subject = `${clip(words, TIMETABLE_LENGTH)}: ${clip(goal, GOAL_LENGTH)}`;
  const confirm = { title: 'Delete this schedule?', text: subject, confirm: 'Delete', deny: 'Keep' };
  return [
    line(factLine(timesText(schedule), paused ? 'paused' : due)),
    quoteBlock(clip(goal, GOAL_LENGTH)),
    line(facts),
    actions(
      undefined,
      paused
        ? button(ACTIONS.resumeSchedule, 'Resume', { value })
        : button(ACTIONS.pauseSchedule, 'Pause', { value }),
      button(ACTIONS.runSchedule, 'Run now', { value }),
      button(ACTIONS.deleteSchedule, 'Delete', { value, style: 'danger', confirm }),
    ),
  ];
}

function draftTimes({ cron, timeZone }: ScheduleDraft): string {
  return timesText({ words: timetableText(cron), timeZone });
}

function timesText({ words, timeZone }: Pick<ScheduledTimes, 'words' | 'timeZone'>): string {
  const zone = timeZone.replace('Etc/', '').replaceAll('_', ' ');
  return `*${escapeMrkdwn(clip(words, TIMETABLE_LENGTH))}* (${escapeMrkdwn(zone)})`;
}

/** Private replies about schedules for commands and clicks that change nothing. */
export const SCHEDULE_HELP = [
  'Say when in quotes, then the goal: `/agent schedule "every weekday at 9" draft the stand-up notes`.',
  `Other times: ${EXAMPLES}.`,
  'To run that as a goal instead, put all of it in quotes.',
].join('\n');

export function timetableNotReadReply(problem: string): string {
  return `:warning: ${escapeMrkdwn(clip(problem, 500))}`;
}

export function scheduleGoalTooLongReply(length: number, limit: number): string {
  return `The goal has ${length} characters; a schedule's can have ${limit}. Shorten it, or name a page that says more.`;
}

export const SCHEDULE_DISCARDED = 'Cancelled: no schedule was saved.';

export function scheduleNotTaken(problem: string): string {
  return `:warning: Temporal does not take this schedule: ${oneLine(problem, 500)}. Nothing was saved.`;
}
