import { warnAnd } from '../../../telemetry/warnings.js';
import { cancelRun } from '../../../use-cases/act-on-run.js';
import { findRunInThread } from '../../../use-cases/read-story.js';
import { sendPrivately } from '../../client/send-privately.js';
import { cancelReply } from '../../messages/private/run-replies.js';
import { failureText, STOP_NOT_CONFIRMED } from '../../messages/refusals/refused-click.js';
import type { Registration } from '../context.js';
import { readPerson } from '../person.js';
import { asRunStep } from '../run-step.js';

const NOT_TAKEN = 'The status of a thread could not be shown';

/** Slack's own stop button, which a thread has while the agent works in it. It does what `Stop` on the card does. */
export const stopButton: Registration = (app, context) => {
  app.event('agent_session_stopped', async ({ event, body, client }) => {
    const { channel, thread_ts: thread, user } = event;
    const by = readPerson({ ...body, event: { user } }, context.home.team);
    // Slack shows a private word in a thread only once that has replies. In a direct message it has the app's answer.
    let hasReplies = channel.startsWith('D');
    const stop = async (): Promise<string> => {
      const run = await findRunInThread(context.ledger, channel, thread, { ours: true });
      const shortId = run?.shortId ?? '';
      hasReplies ||= run?.card?.thread === thread;
      const cancel = () => cancelRun(context, { shortId, by, once: body.event_id });
      const outcome = await asRunStep('click stop', { run: shortId }, cancel);
      // Nobody else would take the button away.
      if (outcome === 'unknown-run' || outcome === 'over') {
        const over = { channel_id: channel, thread_ts: thread, status: 'active' };
        await client.agents.sessions.setStatus(over).catch(warnAnd('agent-status', NOT_TAKEN, undefined));
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
