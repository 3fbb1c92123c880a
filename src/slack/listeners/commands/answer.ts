import type { WebClient } from '@slack/web-api';
import type { Person } from '../../../core/person.js';
import { HELP } from '../../blocks/help.js';
import { clip, escapeMrkdwn } from '../../blocks/text.js';
import type { ListenerContext } from '../../ports.js';
import { cancelRun, listRuns, showStatus } from './inspect.js';
import type { AgentCommand } from './parse.js';
import type { Answer } from './start-run.js';

/** Does what was asked, by command or mention; the answer is for the asker alone. `start` is what a goal comes to. */
export async function answer(
  context: ListenerContext,
  client: WebClient,
  asker: Person,
  asked: AgentCommand,
  start: (goal: string) => Promise<Answer>,
): Promise<Answer> {
  if (asked.kind === 'goal') return await start(asked.goal);
  return { text: await words(context, client, asker, asked), started: false };
}

async function words(
  context: ListenerContext,
  client: WebClient,
  asker: Person,
  asked: Exclude<AgentCommand, { kind: 'goal' }>,
): Promise<string> {
  switch (asked.kind) {
    case 'help':
      return asked.unknown ? `I don't know \`${escapeMrkdwn(clip(asked.unknown, 50))}\`.\n${HELP}` : HELP;
    case 'list':
      return await listRuns(context, asker);
    case 'status':
      return await showStatus(context, client, asker, asked.runId);
    case 'cancel':
      return await cancelRun(context, asker, asked.runId);
  }
}
