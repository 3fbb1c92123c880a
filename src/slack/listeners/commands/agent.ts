import { withTimeout } from '../../../platform/with-timeout.js';
import { withBlocks } from '../../messages/kit/blocks.js';
import { COMMAND_NOT_CONFIRMED, failureText } from '../../messages/refusals/refused-click.js';
import type { Registration } from '../context.js';
import { commandText, lookUpNames } from '../markup.js';
import { readPerson } from '../person.js';
import { answerCommand, type CommandReply } from './answer-command.js';
import { parseCommand } from './parse-command.js';

/** Longest wait for an answer, in milliseconds; Slack allows 3 s. Durable work has its own limit of two seconds. */
const ANSWER_WITHIN_MS = 2_600;

/** `/agent`. Answers are private. A started run is in Temporal before the command is acknowledged. */
export const agent: Registration = (app, context) => {
  app.command('/agent', async ({ ack, command, client }) => {
    const { channel_id: channel, response_url: responseUrl, text = '' } = command;
    const { team_id: team, user_id: user, trigger_id: triggerId } = command;
    const run = {
      shortId: context.shortIdOf({ team, channel, user, triggerId, responseUrl, text: command.text }),
      requester: readPerson(command, context.home.team),
      origin: { channel },
    };
    const { isStarted: _, ...reply } = await withTimeout(
      ANSWER_WITHIN_MS,
      async () => {
        const said = commandText(text, await lookUpNames(context, text, channel));
        return await answerCommand(context, client, run, parseCommand(said));
      },
      (): CommandReply => ({ text: COMMAND_NOT_CONFIRMED }),
    ).catch((err: unknown): CommandReply => {
      context.log.warn({ err }, 'A command could not be confirmed');
      return { text: failureText(err, COMMAND_NOT_CONFIRMED) };
    });
    await ack({ response_type: 'ephemeral', ...withBlocks(reply) });
  });
};
