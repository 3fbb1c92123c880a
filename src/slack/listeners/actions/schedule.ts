import type { ScheduleChange } from '../../../schedule/schedule.js';
import { changeSchedule, listSchedules, saveSchedule } from '../../../use-cases/schedule-runs.js';
import { line } from '../../messages/kit/blocks.js';
import { decodeDraft, decodeSchedule } from '../../messages/kit/ids.js';
import type { Reply } from '../../messages/private/run-replies.js';
import { SCHEDULE_GONE, SCHEDULE_NOT_ALLOWED } from '../../messages/refusals/refused-click.js';
import {
  SCHEDULE_DISCARDED,
  savedMessage,
  scheduleChangeText,
  scheduleListMessage,
  scheduleNotTaken,
  timetableText,
} from '../../messages/schedule/schedules.js';
import type { ListenerContext, Registration } from '../context.js';
import { button, type Click, refusal } from './button.js';

const save = button({
  action: 'saveSchedule',
  decode: decodeDraft,
  async run({ value: draft, by, body }, context) {
    const saved = await saveSchedule(context, {
      ...draft,
      words: timetableText(draft.cron),
      requester: by,
      origin: body.channel?.id ?? draft.channel,
    });
    if (saved.kind === 'refused') return refusal(scheduleNotTaken(saved.problem));
    return { ...savedMessage(draft, saved.next), replacesMessage: true };
  },
});

/** `Cancel` under a draft: there is nothing to undo. */
const discard = button({
  action: 'discardSchedule',
  decode: (value) => value,
  run: async () => ({ text: SCHEDULE_DISCARDED, replacesMessage: true }),
});

/** After the change the list is drawn again, in place of the old one. */
function changeButton(
  action: 'pauseSchedule' | 'resumeSchedule' | 'runSchedule' | 'deleteSchedule',
  kind: ScheduleChange['kind'],
): Registration {
  return button({
    action,
    decode: decodeSchedule,
    async run(click, context) {
      const { value: id, by } = click;
      const change = { kind, by, click: `${by.user}/${click.id}` };
      const outcome = await changeSchedule(context, id, change);
      await click.acknowledge();
      if (outcome.kind === 'not-allowed') return SCHEDULE_NOT_ALLOWED;
      const note = outcome.kind === 'done' ? scheduleChangeText(kind, outcome.schedule) : SCHEDULE_GONE;
      return { ...(await listAfter(click, context, note)), replacesMessage: true };
    },
  });
}

async function listAfter(
  { value: id, by }: Click<string>,
  context: ListenerContext,
  note: string,
): Promise<Reply> {
  try {
    return scheduleListMessage(await listSchedules(context, by, id), note);
  } catch (err) {
    context.log.warn({ schedule: id, err }, 'The schedules could not be listed after a change');
    return { text: note, blocks: [line(note)] };
  }
}

export const scheduleButtons: Registration[] = [
  save,
  discard,
  changeButton('pauseSchedule', 'pause'),
  changeButton('resumeSchedule', 'resume'),
  changeButton('runSchedule', 'run'),
  changeButton('deleteSchedule', 'delete'),
];
