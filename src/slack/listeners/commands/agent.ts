import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import type { Person } from '../../../approval/person.js';
import type { ListenerContext } from '../context.js';
import { COMMAND_NOT_CONFIRMED } from '../refusals.js';
import { answer } from './answer.js';
import { parseCommand } from './parse.js';
import { startRun } from './start-run.js';

type Args = SlackCommandMiddlewareArgs & AllMiddlewareArgs;

/** `/agent`: every answer is private to the asker, and a started run is in Temporal before it is acknowledged. */
export function agent(context: ListenerContext) {
  return async ({ ack, command, client }: Args): Promise<void> => {
    const { channel_id: channel, response_url: responseUrl } = command;
    const requester: Person = { team: command.team_id || context.homeTeam, user: command.user_id };
    const runId = context.runIdOf({
      team: command.team_id,
      channel,
      user: command.user_id,
      triggerId: command.trigger_id,
      responseUrl,
      text: command.text,
    });
    const asked = { runId, requester, origin: { channel, ...(responseUrl && { responseUrl }) } };
    let words = { text: COMMAND_NOT_CONFIRMED };
    try {
      const start = (goal: string) => startRun(context, goal, asked);
      ({ words } = await answer(context, client, asked, parseCommand(command.text ?? ''), start));
    } catch (error) {
      context.log.warn({ err: error }, 'A command could not be confirmed');
    }
    await ack({ response_type: 'ephemeral', ...words });
  };
}
