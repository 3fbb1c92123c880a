import { cancelRun } from '../../../use-cases/cancel-run.js';
import { inspectStory } from '../../../use-cases/inspect-run.js';
import { retryRun } from '../../../use-cases/retry-run.js';
import { detailsModal } from '../../messages/details/details-modal.js';
import { decodeRetry, decodeRun } from '../../messages/kit/ids.js';
import { cancelReply } from '../../messages/private/run-replies.js';
import { DETAILS_NOT_ALLOWED, RETRY_REPLIES } from '../../messages/refusals/refused-click.js';
import { button } from './button.js';

/** `Stop` on a run that is being carried out: it does the same as `/agent cancel`. */
export const stop = button({
  action: 'stop',
  decode: decodeRun,
  async run({ value: runId, by, id }, context) {
    return cancelReply(await cancelRun(context, { runId, by, once: id }), runId);
  },
});

/** `Retry` on a failed run. */
export const retry = button({
  action: 'retry',
  decode: decodeRetry,
  async run({ value: { run, executionId }, by, id }, context) {
    return RETRY_REPLIES[await retryRun(context, { runId: run, executionId, by, once: id })];
  },
});

/** `Details` on a finished card: the run's story, out of the ledger. */
export const details = button({
  action: 'details',
  decode: decodeRun,
  async run({ value: runId, by, id, body, client, acknowledge }, context) {
    await acknowledge();
    const story = await inspectStory(context, { runId, by, once: id });
    if (!story) return DETAILS_NOT_ALLOWED;
    const view = detailsModal(runId, story.entries, story.head);
    await client.views.open({ trigger_id: body.trigger_id, view });
    return undefined;
  },
});

/** A link opens in Slack; its click is acknowledged, and that is all. */
export const openCard = button({ action: 'openCard', decode: () => undefined, run: async () => undefined });
