import { sendPrivately } from '../../client/send-privately.js';
import { withBlocks } from '../../messages/kit/blocks.js';
import { COMMAND_NOT_CONFIRMED, failureText } from '../../messages/refusals/refused-click.js';
import type { Registration } from '../context.js';
import { answerLater, beDurable } from '../in-time.js';
import { commandText, lookUpNames } from '../markup.js';
import { readPerson } from '../person.js';
import { answerCommand, type CommandReply } from './answer-command.js';
import { changesSomething, parseCommand } from './parse-command.js';

/**
 * `/agent`. Answers are private. Slack never delivers a command again, so a run is started or stopped before the acknowledgement, which carries the
 * answer. All other commands are acknowledged at once, and answered after.
 */
export const agent: Registration = (app, context) => {
  app.command('/agent', async ({ ack, command, client, respond }) => {
    const { channel_id: channel, response_url: responseUrl, text = '' } = command;
    const { team_id: team, user_id: user, trigger_id: triggerId } = command;
    const run = {
      shortId: context.shortIdOf({ team, channel, user, triggerId, responseUrl, text: command.text }),
      requester: readPerson(command, context.home.team),
      origin: { channel },
    };
    const answer = async () => {
      const said = commandText(text, await lookUpNames(context, text, channel));
      return await answerCommand(context, client, run, parseCommand(said));
    };
    const orFailure = (err: unknown): CommandReply => {
      context.log.warn({ err }, 'A command could not be confirmed');
      return { text: failureText(err, COMMAND_NOT_CONFIRMED) };
    };
    const isDurable = changesSomething(parseCommand(commandText(text, new Map())));
    if (!isDurable) await ack();
    const { isStarted: _, ...reply } = await (isDurable ? beDurable : answerLater)(answer).catch(orFailure);
    const message = { response_type: 'ephemeral' as const, ...withBlocks(reply) };
    if (isDurable) await ack(message);
    else await respond(message).catch(() => sendPrivately(client, run.requester, reply, { channel }));
  });
};
