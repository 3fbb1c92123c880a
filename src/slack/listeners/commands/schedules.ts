import type { Person } from '../../../approval/person.js';
import type { Words } from '../../messages/private/notices.js';
import { schedulesWords } from '../../messages/schedule/schedules.js';
import { isNearSchedule } from '../../permissions/permissions.js';
import type { ListenerContext } from '../context.js';

/** `/agent schedules`: the asker's own, and those whose runs the asker may approve, with buttons. */
export async function listSchedules(context: ListenerContext, asker: Person): Promise<Words> {
  return schedulesWords(await context.schedules.list((schedule) => isNearSchedule(context, schedule, asker)));
}
