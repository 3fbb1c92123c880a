import type { Reply } from '../../messages/private/run-replies.js';
import { COMMAND_NOT_CONFIRMED } from '../../messages/refusals/refused-click.js';
import type { Registration } from '../context.js';
import { readPerson } from '../person.js';
import { answerCommand } from './answer-command.js';
import { parseCommand } from './parse-command.js';

/** `/agent`: each answer is private to the person, and a started run is in Temporal before the command is acknowledged. */
export const agent: Registration = (app, context) => {
  app.command('/agent', async ({ ack, command, client }) => {
    const { channel_id: channel, response_url: responseUrl, text = '' } = command;
    const { team_id: team, user_id: user, trigger_id: triggerId } = command;
    const run = {
      runId: context.runIdOf({ team, channel, user, triggerId, responseUrl, text: command.text }),
      requester: readPerson(command, context.home.team),
      origin: { channel, ...(responseUrl && { responseUrl }) },
    };
    let reply: Reply = { text: COMMAND_NOT_CONFIRMED };
    try {
      ({ reply } = await answerCommand(context, client, run, parseCommand(text)));
    } catch (err) {
      context.log.warn({ err }, 'A command could not be confirmed');
    }
    await ack({ response_type: 'ephemeral', ...reply });
  });
};
