import { findRunInThread } from '../../../use-cases/read-story.js';
import { decodeGoal } from '../../messages/kit/ids.js';
import { GOAL_DISMISSED, GOAL_MOVED, GOAL_NOT_YOURS } from '../../messages/private/goal-question.js';
import { answerCommand } from '../commands/answer-command.js';
import { button } from './button.js';

/** Buttons of the question whether a text was meant as a goal. */
export const goalButtons = [
  button({
    action: 'startGoal',
    decode: decodeGoal,
    async run({ value, by, body, client }, context) {
      const { goal, id: shortId, user, channel, thread, mention: ts } = value;
      if (by.user !== user) return GOAL_NOT_YOURS;
      // A policy holds for a channel, so the channel is that of the click.
      if (body.channel?.id !== channel) return GOAL_MOVED;
      const newest = thread
        ? await findRunInThread(context.ledger, channel, thread, { ours: false })
        : undefined;
      const place = { origin: { channel, ...(thread && { thread }) }, ...(thread && { thread }) };
      const mention = ts !== undefined && { mention: { channel, ts, ...(thread && { thread }) } };
      const run = { shortId, requester: by, ...place, ...mention };
      const { isStarted, ...reply } = await answerCommand(
        context,
        client,
        run,
        { kind: 'goal', goal },
        newest,
      );
      return isStarted ? () => ({ ...reply, replacesMessage: true }) : reply;
    },
  }),
  button({
    action: 'dismissGoal',
    decode: (value) => value,
    run: async () => () => ({ text: GOAL_DISMISSED, replacesMessage: true }),
  }),
];
