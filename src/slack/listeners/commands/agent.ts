import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import type { Person } from '../../../core/person.js';
import type { ListenerContext } from '../../ports.js';
import { COMMAND_NOT_CONFIRMED } from '../answers.js';
import { answer } from './answer.js';
import { parseCommand } from './parse.js';
import { startRun } from './start-run.js';

type Args = SlackCommandMiddlewareArgs & AllMiddlewareArgs;

/** `/agent`: every answer is private to the asker, and a started run is in Temporal before it is acknowledged. */
export function agent(context: ListenerContext) {
  return async ({ ack, command, client }: Args): Promise<void> => {
    const { channel_id: channel, response_url: responseUrl } = command;
    const asker: Person = { team: command.team_id || context.homeTeam, user: command.user_id };
    const runId = context.runIdOf({
      team: command.team_id,
      channel,
      user: command.user_id,
      triggerId: command.trigger_id,
      responseUrl,
      text: command.text,
    });
    const origin = { channel, ...(responseUrl && { responseUrl }) };
    let text: string;
    try {
      const asked = parseCommand(command.text ?? '');
      const start = (goal: string) => startRun(context, goal, { runId, requester: asker, origin });
      ({ text } = await answer(context, client, asker, asked, start));
    } catch (error) {
      context.log.warn({ err: error }, 'A command could not be confirmed');
      text = COMMAND_NOT_CONFIRMED;
    }
    await ack({ response_type: 'ephemeral', text });
  };
}
