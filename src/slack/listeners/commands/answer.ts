import type { WebClient } from '@slack/web-api';
import { clip, escapeMrkdwn } from '../../messages/kit/text.js';
import { HELP } from '../../messages/private/help.js';
import type { ListenerContext } from '../context.js';
import { cancelRun, listRuns, showStatus } from './inspect.js';
import type { AgentCommand } from './parse.js';
import { previewSchedule } from './schedule.js';
import { listSchedules } from './schedules.js';
import type { Answer, Asked } from './start-run.js';

/** Does what was asked, by command or mention; the answer is for the asker alone. `start` is what a goal comes to. */
export async function answer(
  context: ListenerContext,
  client: WebClient,
  asked: Asked,
  command: AgentCommand,
  start: (goal: string) => Promise<Answer>,
): Promise<Answer> {
  if (command.kind === 'goal') return await start(command.goal);
  const words = await wordsFor(context, client, asked, command);
  return { words: typeof words === 'string' ? { text: words } : words, started: false };
}

async function wordsFor(
  context: ListenerContext,
  client: WebClient,
  asked: Asked,
  command: Exclude<AgentCommand, { kind: 'goal' }>,
): Promise<string | Answer['words']> {
  // A command and a mention have an id that is the same for every delivery of them.
  const { requester: asker, runId: once } = asked;
  switch (command.kind) {
    case 'help':
      return command.unknown ? `I don't know \`${escapeMrkdwn(clip(command.unknown, 50))}\`.\n${HELP}` : HELP;
    case 'list':
      return await listRuns(context, asker);
    case 'status':
      return await showStatus(context, client, asker, command.runId);
    case 'cancel':
      return await cancelRun(context, client, asker, { runId: command.runId, once });
    case 'schedule':
      return await previewSchedule(context, client, asked, command);
    case 'schedules':
      return await listSchedules(context, asker);
  }
}
