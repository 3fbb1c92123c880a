import { cancelRun } from '../../../use-cases/act-on-run.js';
import { findRunInThread } from '../../../use-cases/read-story.js';
import type { Place } from '../../client/post-once.js';
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
    // Slack shows no ephemeral message in a thread without replies. In the app's direct message the app has replied.
    const place: Place = { channel, ...(channel.startsWith('D') && { thread }) };
    const stop = async (): Promise<string | undefined> => {
      const run = await findRunInThread(context.ledger, channel, thread, { ours: true });
      if (run?.card?.thread === thread) place.thread = thread;
      const { shortId } = run ?? {};
      const outcome = shortId && (await cancelRun(context, { shortId, by, once: body.event_id }));
      // Nobody else would take the button away.
      if (!outcome || outcome === 'over') {
        const over = { channel_id: channel, thread_ts: thread, status: 'active' };
        await client.agents.sessions.setStatus(over).catch((err) => logger.debug(NOT_TAKEN, err));
      }
      return outcome && shortId && cancelReply(outcome, shortId);
    };
    const text = await stop().catch((err: unknown) => {
      context.log.warn({ err }, 'A stop could not be confirmed');
      return failureText(err, STOP_NOT_CONFIRMED);
    });
    if (text !== undefined) await sendPrivately(client, by, { text }, place);
  });
};
