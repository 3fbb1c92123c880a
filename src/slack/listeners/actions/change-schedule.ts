import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { Person } from '../../../approval/person.js';
import type { ScheduleChange, ScheduleSummary } from '../../../schedule/schedule.js';
import { decodeSchedule } from '../../messages/kit/ids.js';
import { line } from '../../messages/kit/lines.js';
import type { Words } from '../../messages/private/notices.js';
import { changeWords, schedulesWords } from '../../messages/schedule/schedules.js';
import { isNearSchedule } from '../../permissions/permissions.js';
import type { ListenerContext } from '../context.js';
import { personOf } from '../person.js';
import { CLICK_NOT_CONFIRMED, tellFirst } from '../refusals.js';

type Args = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

const NOT_ALLOWED =
  'Only the person who asked for this schedule, and those who may approve its runs, can change it.';
const GONE = 'This schedule was deleted already.';

/** `Pause`, `Resume`, `Run now` and `Delete`: in Temporal before the click is acknowledged; then the list is drawn anew. */
export function changeSchedule(context: ListenerContext, kind: ScheduleChange['kind']) {
  const { schedules, log, homeTeam } = context;
  return async ({ ack, action, body, respond }: Args): Promise<void> => {
    const id = decodeSchedule(action.value);
    if (!id) {
      await ack();
      return;
    }
    const by = personOf(body, homeTeam);
    let outcome: 'done' | 'not-allowed' | 'gone';
    let schedule: ScheduleSummary | undefined;
    const allowed = (found: ScheduleSummary) => {
      schedule = found;
      return isNearSchedule(context, found, by);
    };
    try {
      outcome = await schedules.change(id, { kind, by, click: `${by.user}/${action.action_ts}` }, allowed);
    } catch (error) {
      log.warn({ schedule: id, err: error }, 'A change of a schedule could not be confirmed');
      await tellFirst(respond, CLICK_NOT_CONFIRMED);
      await ack();
      return;
    }
    await ack();
    if (outcome === 'not-allowed') {
      await respond({ text: NOT_ALLOWED, response_type: 'ephemeral', replace_original: false });
      return;
    }
    const note = schedule && outcome === 'done' ? changeWords(kind, schedule) : GONE;
    await respond({ replace_original: true, ...(await drawnAnew(context, by, id, note)) });
  };
}

/** The list as it is now. Temporal's own list lags behind for a moment, so the schedule that was changed is asked for itself. */
async function drawnAnew(context: ListenerContext, viewer: Person, id: string, note: string): Promise<Words> {
  const { schedules, log } = context;
  try {
    const [listed, changed] = await Promise.all([
      schedules.list((schedule) => isNearSchedule(context, schedule, viewer)),
      schedules.describe(id),
    ]);
    const now = listed.flatMap((schedule) => (schedule.id === id ? (changed ?? []) : schedule));
    return schedulesWords(now, note);
  } catch (error) {
    log.warn({ schedule: id, err: error }, 'The schedules could not be listed after a change');
    return { text: note, blocks: [line(note)] };
  }
}
