import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { CountersignError } from '../../../errors.js';
import { readCron } from '../../../schedule/cron.js';
import { nextTimes } from '../../../schedule/next-times.js';
import { decodeDraft, type ScheduleDraft } from '../../messages/kit/ids.js';
import { escapeMrkdwn } from '../../messages/kit/text.js';
import { savedWords, timetableWords } from '../../messages/schedule/schedules.js';
import type { ListenerContext } from '../context.js';
import { personOf } from '../person.js';
import { CLICK_NOT_CONFIRMED, tellFirst } from '../refusals.js';

type Args = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

/** `Save`: the schedule is in Temporal before the click is acknowledged; then the private message says so. */
export function saveSchedule({ schedules, policyFor, log, homeTeam }: ListenerContext) {
  return async ({ ack, action, body, respond }: Args): Promise<void> => {
    const draft = decodeDraft(action.value);
    if (!draft) {
      await ack();
      return;
    }
    const { id, cron, timeZone, channel, goal } = draft;
    try {
      await schedules.create({
        ...{ id, cron, timeZone, channel, goal },
        words: timetableWords(cron),
        requester: personOf(body, homeTeam),
        origin: body.channel?.id ?? channel,
        policy: policyFor(channel),
      });
    } catch (error) {
      log.warn({ schedule: id, err: error }, 'A schedule could not be saved');
      await tellFirst(respond, refusalOf(error) ?? CLICK_NOT_CONFIRMED);
      await ack();
      return;
    }
    await ack();
    await respond({ replace_original: true, ...savedWords(draft, nextOf(draft)) });
  };
}

function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof CountersignError) || error.code !== 'ScheduleRefused') return undefined;
  return `:warning: Temporal does not take this schedule: ${escapeMrkdwn(error.message)}. Nothing was saved.`;
}

function nextOf({ cron: expression, timeZone }: ScheduleDraft): Date | undefined {
  const cron = readCron(expression);
  return 'wrong' in cron ? undefined : nextTimes(cron, timeZone, new Date(), 1)[0];
}
