import type { WebClient } from '@slack/web-api';
import type { Person } from '../../../approval/person.js';
import { isTimeZone, nextTimes } from '../../../schedule/next-times.js';
import { readTimetable } from '../../../schedule/timetable.js';
import { EXAMPLES } from '../../../schedule/timetable-words.js';
import { clip, escapeMrkdwn } from '../../messages/kit/text.js';
import type { Words } from '../../messages/private/notices.js';
import { draftWords } from '../../messages/schedule/schedules.js';
import type { ListenerContext } from '../context.js';
import type { Asked } from './start-run.js';

/** A button's value holds the goal until it is saved, and Slack takes 2000 characters there. */
const GOAL_LIMIT = 1_500;

/** Slack gives up after 3 s; without its answers by then the draft is shown with less, in milliseconds. */
const ASK_WITHIN_MS = 1_500;

const HOW = [
  'Say when in quotes, then the goal: `/agent schedule "every weekday at 9" draft the stand-up notes`.',
  `Other times: ${EXAMPLES}.`,
  'To run that as a goal instead, put all of it in quotes.',
].join('\n');

/** `/agent schedule`: shows what would be saved, in words and with the next times. Nothing is saved before `Save`. */
export async function previewSchedule(
  { approvalChannel }: ListenerContext,
  client: WebClient,
  { runId: id, requester: asker, origin }: Asked,
  { when, goal }: { when?: string; goal: string },
): Promise<string | Words> {
  if (when === undefined || goal === '') return HOW;
  const timetable = readTimetable(when);
  if ('wrong' in timetable) return `:warning: ${escapeMrkdwn(clip(timetable.wrong, 500))}`;
  // As JSON counts them: a line break or a quotation mark is two.
  const length = JSON.stringify(goal).length - 2;
  if (length > GOAL_LIMIT) {
    return `The goal has ${length} characters; a schedule's can have ${GOAL_LIMIT}. Shorten it, or name a page that says more.`;
  }
  const channel = approvalChannel ?? origin.channel;
  const [zone, reachable] = await Promise.all([
    soon(timeZoneOf(client, asker), undefined),
    soon(isReachable(client, channel), true),
  ]);
  const timeZone = zone ?? 'UTC';
  return draftWords(
    { id, cron: timetable.expression, timeZone, channel, goal },
    {
      next: nextTimes(timetable.cron, timeZone, new Date(), 3),
      here: channel === origin.channel,
      zoneKnown: zone !== undefined,
      reachable,
    },
  );
}

/** Undefined where Slack doesn't say, or names a zone that isn't one. */
async function timeZoneOf(client: WebClient, { user: id }: Person): Promise<string | undefined> {
  const { user } = await client.users.info({ user: id });
  return user?.tz && isTimeZone(user.tz) ? user.tz : undefined;
}

/** Whether a plan can be posted there: a direct message between two people, say, is none of the bot's. */
async function isReachable(client: WebClient, id: string): Promise<boolean> {
  try {
    const { channel } = await client.conversations.info({ channel: id });
    return channel?.is_member !== false || channel.is_im === true;
  } catch (error) {
    return (error as { data?: { error?: string } }).data?.error !== 'channel_not_found';
  }
}

/** What is asked, or `otherwise` where the answer doesn't come soon. */
async function soon<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  const late = new Promise<T>((resolve) => setTimeout(() => resolve(otherwise), ASK_WITHIN_MS).unref());
  return await Promise.race([asked, late]).catch(() => otherwise);
}
