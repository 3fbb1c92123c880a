import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import type { Person } from '../../../core/person.js';
import { HELP } from '../../blocks/help.js';
import type { Words } from '../../blocks/notices.js';
import { clip, escapeMrkdwn } from '../../blocks/text.js';
import type { ListenerContext } from '../../ports.js';
import { COMMAND_NOT_CONFIRMED } from '../answers.js';
import { cancelRun, listRuns, showStatus } from './inspect.js';
import { parseCommand } from './parse.js';
import { previewSchedule } from './schedule.js';
import { listSchedules } from './schedules.js';
import { startRun } from './start-run.js';

type Args = SlackCommandMiddlewareArgs & AllMiddlewareArgs;

/** `/agent`: every answer is private to the asker, and a started run is in Temporal before it is acknowledged. */
export function agent(context: ListenerContext) {
  return async ({ ack, command, client }: Args): Promise<void> => {
    const asker: Person = { team: command.team_id || context.homeTeam, user: command.user_id };
    const asked = parseCommand(command.text ?? '');
    const answer = async (): Promise<string | Words> => {
      switch (asked.kind) {
        case 'help':
          return asked.unknown ? `I don't know \`${escapeMrkdwn(clip(asked.unknown, 50))}\`.\n${HELP}` : HELP;
        case 'list':
          return await listRuns(context, asker);
        case 'status':
          return await showStatus(context, client, asker, asked.runId);
        case 'cancel':
          return await cancelRun(context, asker, asked.runId);
        case 'schedule':
          return await previewSchedule(context, client, command, asker, asked);
        case 'schedules':
          return await listSchedules(context, asker);
        case 'goal':
          return await startRun(context, command, asker, asked.goal);
      }
    };
    let words: string | Words;
    try {
      words = await answer();
    } catch (error) {
      context.log.warn({ err: error }, 'A command could not be confirmed');
      words = COMMAND_NOT_CONFIRMED;
    }
    await ack({ response_type: 'ephemeral', ...(typeof words === 'string' ? { text: words } : words) });
  };
}
