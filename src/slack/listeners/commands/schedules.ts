import type { Person } from '../../../core/person.js';
import type { Words } from '../../blocks/notices.js';
import { schedulesWords } from '../../blocks/schedules.js';
import type { ListenerContext } from '../../ports.js';
import { isNearSchedule } from '../near.js';

/** `/agent schedules`: the asker's own, and those whose runs the asker may approve, with buttons. */
export async function listSchedules(context: ListenerContext, asker: Person): Promise<Words> {
  return schedulesWords(await context.schedules.list((schedule) => isNearSchedule(context, schedule, asker)));
}
