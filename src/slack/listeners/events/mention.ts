import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import type { ListenerContext, RunInThread } from '../../ports.js';
import { whisper } from '../../whisper.js';
import { MENTION_NOT_CONFIRMED, soon } from '../answers.js';
import { answer } from '../commands/answer.js';
import { type AgentCommand, parseCommand } from '../commands/parse.js';
import type { Answer } from '../commands/start-run.js';
import { startInThread, whyNot } from './in-thread.js';
import { textTo } from './mention-text.js';

type Args = SlackEventMiddlewareArgs<'app_mention'> & AllMiddlewareArgs;

/**
 * `@countersign <goal>`, wherever slash commands don't work, too. The answer is for the asker alone. The event is acknowledged when this
 * is done: once the run is in Temporal, or the asker has been told. Until then Slack brings it again, and it starts the same run.
 */
export function mentioned(context: ListenerContext) {
  return async ({ event, body, client, context: { botUserId = '' } }: Args): Promise<void> => {
    const { channel, user, ts, thread_ts: thread } = event;
    // Programs start nothing, and an edit doesn't ask again.
    if (!user || event.bot_id || event.edited) return;
    const team = event.user_team ?? event.team ?? body.team_id ?? context.homeTeam;
    const where = { channel, ...(thread && { thread }) };
    const asked = {
      runId: context.runIdOf({ team, channel, user, ts, text: event.text }),
      requester: { team, user },
      origin: where,
      thread: thread ?? ts,
    };
    let said: Answer;
    try {
      const newest = thread === undefined ? undefined : await context.followUpIn(channel, thread);
      const command = inThread(parseCommand(textTo(botUserId, event.text)), newest);
      const start = (goal: string) => startInThread(context, client, goal, asked, newest);
      // A word that is none of ours was meant for the run that waits here.
      const stillAtIt =
        newest && command.kind === 'help' && command.unknown
          ? await whyNot(context, client, asked.requester, newest)
          : undefined;
      said = stillAtIt
        ? { text: stillAtIt, started: false }
        : await answer(context, client, asked.requester, command, start);
    } catch (error) {
      context.log.warn({ err: error }, 'A mention could not be confirmed');
      said = { text: MENTION_NOT_CONFIRMED, started: false };
    }
    const told = whisper(client, asked.requester, { text: said.text }, where);
    await (said.started ? soon(told) : told);
  };
}

/** In a run's thread, `status` and `cancel` are about that run. */
function inThread(command: AgentCommand, newest?: RunInThread): AgentCommand {
  const about = command.kind === 'status' || command.kind === 'cancel';
  return about && command.runId === '' && newest ? { ...command, runId: newest.runId } : command;
}
