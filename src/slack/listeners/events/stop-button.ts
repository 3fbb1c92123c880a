import { cancelRun } from '../../../use-cases/act-on-run.js';
import { findRunInThread } from '../../../use-cases/read-story.js';
import { sendPrivately } from '../../client/send-privately.js';
import { cancelReply } from '../../messages/private/run-replies.js';
import { failureText, STOP_NOT_CONFIRMED } from '../../messages/refusals/refused-click.js';
import type { Registration } from '../context.js';
import { readPerson } from '../person.js';

const NOT_TAKEN = 'Slack takes no status of an agent session';

/** Slack's own stop button, which a thread has while the agent works in it. It does what `Stop` on the card does. */
export const stopButton: Registration = (app, context) => {
  app.event('agent_session_stopped', async ({ event, body, client, logger }) => {
    const { channel, thread_ts: thread, user } = event;
    const by = readPerson({ ...body, event: { user } }, context.home.team);
    // Slack shows a private word in a thread only once that has replies. In a direct message it has the app's answer.
    let hasReplies = channel.startsWith('D');
    const stop = async (): Promise<string> => {
      const run = await findRunInThread(context.ledger, channel, thread, { ours: true });
      const shortId = run?.shortId ?? '';
      hasReplies ||= run?.card?.thread === thread;
      const outcome = await cancelRun(context, { shortId, by, once: body.event_id });
      // Nobody else would take the button away.
      if (outcome === 'unknown-run' || outcome === 'over') {
        const over = { channel_id: channel, thread_ts: thread, status: 'active' };
        await client.agents.sessions.setStatus(over).catch((err) => logger.debug(NOT_TAKEN, err));
      }
      return cancelReply(outcome, shortId);
    };
    const text = await stop().catch((err: unknown) => {
      context.log.warn({ err }, 'A stop could not be confirmed');
      return failureText(err, STOP_NOT_CONFIRMED);
    });
    await sendPrivately(client, by, { text }, { channel, ...(hasReplies && { thread }) });
  });
};
