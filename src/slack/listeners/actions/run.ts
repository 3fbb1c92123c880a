import { cancelRun, retryRun } from '../../../use-cases/act-on-run.js';
import { inspectStory } from '../../../use-cases/inspect-run.js';
import { detailsModal } from '../../messages/details/details-modal.js';
import { decodeRetry, decodeRun } from '../../messages/kit/ids.js';
import { cancelReply } from '../../messages/private/run-replies.js';
import { DETAILS_NOT_ALLOWED, RETRY_REPLIES } from '../../messages/refusals/refused-click.js';
import { button } from './button.js';

/** Buttons of a run: `Stop`, `Retry`, `Details`, and the link to its card, whose click is only acknowledged. */
export const runButtons = [
  button({
    action: 'stop',
    decode: decodeRun,
    run: async ({ value: shortId, by, clickedOn, id }, context) =>
      cancelReply(await cancelRun(context, { shortId, by, clickedOn, once: id }), shortId),
  }),
  button({
    action: 'retry',
    decode: decodeRetry,
    async run({ value, by, clickedOn, id }, context) {
      const retry = { shortId: value.run, by, clickedOn, once: id };
      return RETRY_REPLIES[await retryRun(context, value.executionId, retry)];
    },
  }),
  button({
    action: 'details',
    decode: decodeRun,
    async run({ value: shortId, by, id, body, client, acknowledge }, context) {
      await acknowledge();
      const story = await inspectStory(context, { shortId, by, once: id });
      if (!story) return DETAILS_NOT_ALLOWED;
      const view = detailsModal(shortId, story.entries, story.head);
      await client.views.open({ trigger_id: body.trigger_id, view });
      return undefined;
    },
  }),
  button({ action: 'openCard', decode: () => undefined, run: async () => undefined }),
];
