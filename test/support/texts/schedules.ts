import { PROBLEMS } from '../../../src/schedule/problems.js';
import type { ScheduleChange, ScheduleDraft, ScheduleSummary } from '../../../src/schedule/schedule.js';
import {
  draftMessage,
  SCHEDULE_DISCARDED,
  SCHEDULE_HELP,
  savedMessage,
  scheduleChangeText,
  scheduleGoalTooLongReply,
  scheduleListMessage,
  scheduleNotTaken,
  timetableNotReadReply,
  timetableText,
} from '../../../src/slack/messages/schedule/schedules.js';
import { ana } from '../samples.js';
import { confirmations, each, message, type Surface } from './sample.js';

const next = [7, 8, 9].map((day) => new Date(Date.UTC(2026, 11, day, 9)));
const weekdays = { cron: '0 9 * * 1-5', timeZone: 'Europe/Lisbon' };
const once = { cron: '0 10 28 11 * 2026', timeZone: 'UTC' };
const goal = 'Draft the stand-up notes';
const draft: ScheduleDraft = { id: 'abcd2345', ...weekdays, channel: 'C1', goal };
const shown = { next, here: true, zoneKnown: true, obstacle: undefined };

function schedule(own: Partial<ScheduleSummary>): ScheduleSummary {
  const times = { ...weekdays, words: timetableText(weekdays.cron) };
  return { id: 'abcd2345', ...times, goal, requester: ana, channel: 'C1', paused: false, next, ...own };
}

export const SCHEDULE = schedule({});

const last = { shortId: 'abcd2345-as7m2k', at: new Date(Date.UTC(2026, 10, 28, 10)) };
const CHANGES: Record<ScheduleChange['kind'], true> = { pause: true, resume: true, run: true, delete: true };
type Problems = typeof PROBLEMS;
/** Arguments of each problem that names something. */
const ARGUMENTS: { [K in keyof Problems as Problems[K] extends string ? never : K]: unknown[] } = {
  unknownWord: ['sometime'],
  tooLong: [300],
  everyOther: ['Every other'],
  noSuchDay: [32],
  noSuchTime: ['25:00'],
  dayOrTime: ['9'],
  minutesDiffer: ['9:15 and 17:00'],
  partOfDay: ['9:00'],
  interval: [
    [10, 30],
    [1, 2, 12],
  ],
  cronFields: [6],
  cronField: ['61', 'minute', 0, 59],
  nextWhat: ['week'],
  passed: ['9:00'],
  tooFar: [2],
};
const problems = Object.entries(PROBLEMS).map(([name, text]): [string, string] => {
  if (typeof text === 'string') return [name, text];
  const write = text as (...words: unknown[]) => string;
  return [name, write(...ARGUMENTS[name as keyof typeof ARGUMENTS])];
});

export const SCHEDULES: Surface = {
  title: 'Schedules',
  samples: [
    message('help', SCHEDULE_HELP),
    message('a draft', draftMessage(draft, shown)),
    message('a draft of a run that starts once', draftMessage({ ...draft, ...once }, shown)),
    message(
      'a draft for another channel, with no time zone, where I can’t post',
      draftMessage(draft, { ...shown, here: false, zoneKnown: false, obstacle: 'not_in_channel' }),
    ),
    message('a draft for an archived channel', draftMessage(draft, { ...shown, obstacle: 'is_archived' })),
    message('saved', savedMessage(draft, next[0])),
    message('saved, once', savedMessage({ ...draft, ...once }, next[0])),
    message('not saved', SCHEDULE_DISCARDED),
    message('Temporal refuses it', scheduleNotTaken('Invalid time zone: Mars/Phobos')),
    message('a goal that is too long', scheduleGoalTooLongReply(1_600, 1_500)),
    message(
      'the list',
      scheduleListMessage([
        schedule({}),
        schedule({ id: 'efgh2345', paused: true, next: [], last }),
        schedule({ id: 'ijkl2345', ...once, words: 'Once' }),
        schedule({ id: 'mnop2345', ...once, words: 'Once', next: [], last }),
      ]),
    ),
    ...confirmations(scheduleListMessage([schedule({})]).blocks ?? []),
    message('the list, empty', scheduleListMessage([])),
    ...each(CHANGES, (_, kind) => scheduleChangeText(kind, schedule({}))),
    ...problems.map(([name, text]) => message(`times: ${name}`, timetableNotReadReply(text))),
  ],
};
