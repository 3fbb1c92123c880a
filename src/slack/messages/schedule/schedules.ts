import type { Button, KnownBlock } from '@slack/types';
import cronstrue from 'cronstrue';
import type { ScheduleChange, ScheduledTimes, ScheduleSummary } from '../../../schedule/schedule.js';
import { ACTIONS, type ScheduleDraft } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { context, line } from '../kit/lines.js';
import { clip, escapeMrkdwn, mention, moment, plain } from '../kit/text.js';
import { goalBlocks } from '../plan/plan.js';
import type { Words } from '../private/notices.js';

/** So many schedules fit into one private message, with their buttons, whatever they say. */
const SHOWN = 10;
/** What is shown of the words for a timetable, which may list every other day, and of a goal; in characters. */
const WORDS_LENGTH = 150;
const GOAL_LENGTH = 100;

/** When a schedule runs, in words: "At 09:00, Monday through Friday". `cron` has five fields. */
export function timetableWords(cron: string): string {
  const words = cronstrue.toString(cron, {
    use24HourTimeFormat: true,
    verbose: false,
    logicalAndDayFields: true,
  });
  const [, hours = '', ...days] = cron.split(' ');
  return hours.includes('*') || days.some((field) => field !== '*') ? words : `${words}, every day`;
}

/** What `Save` would save: nothing is saved yet. */
export function draftWords(
  draft: ScheduleDraft,
  {
    next,
    here,
    zoneKnown,
    reachable,
  }: { next: Date[]; here: boolean; zoneKnown: boolean; reachable: boolean },
): Words {
  const when = timesWords({ ...draft, words: timetableWords(draft.cron) });
  const where = here ? 'here' : `in <#${escapeMrkdwn(draft.channel)}>`;
  const notes = [
    ...(zoneKnown ? [] : [':warning: Slack did not say which time zone you are in, so these times are UTC.']),
    ...(reachable
      ? []
      : [
          `:warning: I am not in that conversation, so I can't post plans ${where}: invite me with \`/invite @countersign\`, or use a channel that I am in.`,
        ]),
  ];
  return {
    text: `Not saved yet: ${when}. Save it?`,
    blocks: [
      line(`:calendar: Not saved yet: ${when}, a run starts for`),
      ...goalBlocks(draft.goal),
      line(`Next: ${next.map(dateWords).join(', ')}`),
      ...notes.map(line),
      context(`Each run posts its plan ${where}; nothing is done before that plan is approved.`),
      {
        type: 'actions',
        elements: [
          { ...button('saveSchedule', 'Save', JSON.stringify(draft)), style: 'primary' },
          button('discardSchedule', 'Cancel', draft.id),
        ],
      },
    ],
  };
}

/** In place of the draft, once it is saved. */
export function savedWords(draft: ScheduleDraft, next: Date | undefined): Words {
  const when = timesWords({ ...draft, words: timetableWords(draft.cron) });
  const text = `:white_check_mark: Saved: ${when}.${next ? ` Next: ${dateWords(next)}.` : ''}`;
  return {
    text,
    blocks: [
      line(text),
      ...goalBlocks(draft.goal),
      context(
        `Schedule \`${escapeMrkdwn(draft.id)}\`. \`/agent schedules\` pauses it, runs it now, or deletes it.`,
      ),
    ],
  };
}

/** Schedules with their buttons; `note` says what has just been done. */
export function schedulesWords(schedules: ScheduleSummary[], note?: string): Words {
  const said = note ? [line(note)] : [];
  if (schedules.length === 0) {
    const none = 'No schedules. `/agent schedule "every weekday at 9" <goal>` makes one.';
    return { text: note ?? none, blocks: [...said, line(none)] };
  }
  const head = 'Your schedules and those of runs that you may approve:';
  const more = schedules.length - SHOWN;
  return {
    text: note ?? head,
    blocks: [
      ...said,
      line(head),
      ...schedules.slice(0, SHOWN).flatMap(scheduleBlocks),
      ...(more > 0 ? [context(`${more} more, which are due later, are not shown.`)] : []),
    ],
  };
}

const DONE: Record<ScheduleChange['kind'], string> = {
  pause: ':double_vertical_bar: Paused',
  resume: ':arrow_forward: Goes on',
  run: ':mag: A run has started',
  delete: ':wastebasket: Deleted (runs that it started go on)',
};

/** What became of a click on a schedule's button. */
export function changeWords(kind: ScheduleChange['kind'], schedule: ScheduleSummary): string {
  return `${DONE[kind]}: ${timesWords(schedule)}, ${goalWords(schedule.goal)}`;
}

function scheduleBlocks(schedule: ScheduleSummary): KnownBlock[] {
  const { id, goal, requester, channel, paused, next, last } = schedule;
  const state = paused ? 'paused' : next[0] ? `next ${dateWords(next[0])}` : 'not due any more';
  const ran = last ? ` · last run \`${escapeMrkdwn(last.runId)}\` ${dateWords(last.at)}` : '';
  const where = channel.startsWith('D') ? '' : ` · <#${escapeMrkdwn(channel)}>`;
  const value = JSON.stringify({ schedule: id });
  return [
    line(
      [
        `${timesWords(schedule)} · ${state}`,
        `> ${goalWords(goal)}`,
        `\`${escapeMrkdwn(id)}\` · asked by ${mention(requester.user)}${where}${ran}`,
      ].join('\n'),
    ),
    {
      type: 'actions',
      elements: [
        paused ? button('resumeSchedule', 'Resume', value) : button('pauseSchedule', 'Pause', value),
        button('runSchedule', 'Run now', value),
        {
          ...button('deleteSchedule', 'Delete', value),
          style: 'danger',
          confirm: {
            title: plain('Delete this schedule?', LIMITS.confirmTitle),
            text: plain(
              `${clip(schedule.words, WORDS_LENGTH)}: ${clip(goal, GOAL_LENGTH)}`,
              LIMITS.confirmText,
            ),
            confirm: plain('Delete', LIMITS.confirmButton),
            deny: plain('Keep', LIMITS.confirmButton),
          },
        },
      ],
    },
  ];
}

function button(action: keyof typeof ACTIONS, label: string, value: string): Button {
  return { type: 'button', action_id: ACTIONS[action], text: plain(label, LIMITS.buttonText), value };
}

function timesWords({ words, timeZone }: ScheduledTimes): string {
  return `*${escapeMrkdwn(clip(words, WORDS_LENGTH))}* (${escapeMrkdwn(timeZone.replace('Etc/', '').replaceAll('_', ' '))})`;
}

function goalWords(goal: string): string {
  return escapeMrkdwn(clip(goal.replaceAll(/\s+/g, ' '), GOAL_LENGTH));
}

function dateWords(date: Date): string {
  return moment(date.toISOString());
}
