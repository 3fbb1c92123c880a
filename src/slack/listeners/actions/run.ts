import type { LedgerHead } from '../../../run/event.js';
import { cancelRun, retryRun } from '../../../use-cases/act-on-run.js';
import { inspectStory } from '../../../use-cases/inspect-run.js';
import { findStartAgain } from '../../../use-cases/start-again.js';
import { detailsModal } from '../../messages/details/details-modal.js';
import { decodeDetails, decodeRetry, decodeRun } from '../../messages/kit/ids.js';
import { cancelReply } from '../../messages/private/run-replies.js';
import {
  DETAILS_NOT_ALLOWED,
  retryReply,
  START_AGAIN_NOT_ALLOWED,
  START_AGAIN_NOT_IN_CHANNEL,
  START_AGAIN_NOT_POSSIBLE,
} from '../../messages/refusals/refused-click.js';
import { answerGoal } from '../commands/answer-command.js';
import type { ListenerContext } from '../context.js';
import { button, type Click } from './button.js';

/** Opens the history of a run. `head`: end of its chain, as a finished card keeps it. Returns a text where the person may not see it. */
export async function openDetails(
  { value: { run: shortId, head: kept }, by, id, body, client }: Click<{ run: string; head?: LedgerHead }>,
  context: ListenerContext,
): Promise<string | undefined> {
  const story = await inspectStory(context, { shortId, by, once: id });
  if (!story) return DETAILS_NOT_ALLOWED;
  const view = detailsModal(shortId, story.entries, {
    ...(story.head && { head: story.head }),
    ...(kept && { kept }),
  });
  await client.views.open({ trigger_id: body.trigger_id, view });
  return undefined;
}

const START_AGAIN_REPLIES = {
  'not-allowed': START_AGAIN_NOT_ALLOWED,
  'not-in-channel': START_AGAIN_NOT_IN_CHANNEL,
  'not-possible': START_AGAIN_NOT_POSSIBLE,
};

/** Buttons of a run: `Stop`, `Retry`, `Start again`, `Details`, and the link to its card, whose click is only acknowledged. */
export const runButtons = [
  button({
    action: 'stop',
    decode: decodeRun,
    async run({ value: shortId, by, clickedOn, id }, context) {
      const outcome = await cancelRun(context, { shortId, by, clickedOn, once: id });
      const reply = cancelReply(outcome, shortId);
      return outcome === 'cancelling' || outcome === 'requested' ? () => reply : reply;
    },
  }),
  button({
    action: 'retry',
    decode: decodeRetry,
    async run({ value, by, clickedOn, id }, context) {
      const retry = { shortId: value.run, by, clickedOn, once: id };
      const outcome = await retryRun(context, value.executionId, retry);
      const reply = retryReply(outcome);
      return outcome.kind === 'started' ? () => reply : reply;
    },
  }),
  button({
    action: 'startAgain',
    decode: decodeRun,
    async run({ value: ended, by, body, client }, context) {
      const idAfter = (last: string, { goal: text, channel }: { goal: string; channel: string }) =>
        context.shortIdOf({ team: by.team, channel, user: by.user, text, ts: `start-again/${last}` });
      const found = await findStartAgain(context, { shortId: ended, by }, idAfter);
      if (found.kind !== 'may') return START_AGAIN_REPLIES[found.kind];
      const { goal, run } = found;
      const { isStarted, ...reply } = await answerGoal(context, client, run, {
        goal,
        shownIn: body.channel?.id,
      });
      return isStarted ? () => reply : reply;
    },
  }),
  button({
    action: 'details',
    decode: decodeDetails,
    run: async (click, context) => () => openDetails(click, context),
  }),
  button({ action: 'openCard', decode: () => undefined, run: async () => undefined }),
];
