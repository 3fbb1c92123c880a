import type { ScheduleChange } from '../../../schedule/schedule.js';
import { changeSchedule, listSchedules, saveSchedule } from '../../../use-cases/schedule-runs.js';
import { line } from '../../messages/kit/blocks.js';
import { decodeDraft, decodeSchedule } from '../../messages/kit/ids.js';
import { notAdmittedText } from '../../messages/refusals/not-admitted.js';
import {
  SCHEDULE_GONE,
  SCHEDULE_MOVED,
  SCHEDULE_NOT_ALLOWED,
  SCHEDULE_PASSED,
} from '../../messages/refusals/refused-click.js';
import {
  SCHEDULE_DISCARDED,
  savedMessage,
  scheduleChangeText,
  scheduleListMessage,
  scheduleNotTaken,
  timetableText,
} from '../../messages/schedule/schedules.js';
import type { Registration } from '../context.js';
import { type Button, button } from './button.js';

/** Buttons of a schedule's draft, and of the list of schedules. */
export const scheduleButtons: Registration[] = [
  button({
    action: 'saveSchedule',
    decode: decodeDraft,
    async run({ value: draft, by, body }, context) {
      const words = timetableText(draft.cron);
      const origin = body.channel?.id ?? draft.channel;
      const saved = await saveSchedule(context, { ...draft, words, requester: by, origin });
      if (saved.kind === 'refused') return notAdmittedText(saved.refusal);
      if (saved.kind === 'moved') return SCHEDULE_MOVED;
      if (saved.kind === 'passed') return SCHEDULE_PASSED;
      if (saved.kind === 'not-taken') return scheduleNotTaken(saved.problem);
      return () => ({ ...savedMessage(draft, saved.next), replacesMessage: true });
    },
  }),
  button({
    action: 'discardSchedule',
    decode: (value) => value,
    run: async () => () => ({ text: SCHEDULE_DISCARDED, replacesMessage: true }),
  }),
  changeButton('pauseSchedule', 'pause'),
  changeButton('resumeSchedule', 'resume'),
  changeButton('runSchedule', 'run'),
  changeButton('deleteSchedule', 'delete'),
];

/** The change's reply replaces the list with an updated one. */
function changeButton(action: Button<string>['action'], kind: ScheduleChange['kind']): Registration {
  return button({
    action,
    decode: decodeSchedule,
    async run({ value: id, by, clickedOn, id: click }, context) {
      const outcome = await changeSchedule(context, id, { kind, by, click: `${by.user}/${click}` });
      if (outcome.kind === 'not-allowed') return SCHEDULE_NOT_ALLOWED;
      // App Home shows the change itself.
      if (clickedOn === 'home' && outcome.kind === 'done') {
        return async () => {
          await context.homeOpened(by, id);
          return undefined;
        };
      }
      const note = outcome.kind === 'done' ? scheduleChangeText(kind, outcome.schedule) : SCHEDULE_GONE;
      return async () => {
        try {
          const message = scheduleListMessage(await listSchedules(context, by, id), note);
          return { ...message, replacesMessage: true };
        } catch (err) {
          context.log.warn({ schedule: id, err }, 'The schedules could not be listed after a change');
          return { text: note, blocks: [line(note)], replacesMessage: true };
        }
      };
    },
  });
}
