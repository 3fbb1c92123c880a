import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Person } from '../../../approval/person.js';
import type { MessageRef } from '../../../run/run.js';
import { sendDirectMessage, whisper } from '../../client/send-privately.js';
import { permalink } from '../../client/web.js';
import { line } from '../../messages/kit/lines.js';
import { answer } from '../commands/answer.js';
import { type AgentCommand, parseCommand } from '../commands/parse.js';
import type { Answer, Asked } from '../commands/start-run.js';
import type { ListenerContext, RunInThread } from '../context.js';
import { MENTION_NOT_CONFIRMED, soon } from '../refusals.js';
import { finished, startInThread } from './in-thread.js';
import { textTo } from './mention-text.js';

type Args = SlackEventMiddlewareArgs<'app_mention'> & AllMiddlewareArgs;

/**
 * An asker looks at the channel for so long, in milliseconds. Slack brings a mention up to a day later when the service was away, and an
 * ephemeral message reaches only people who are active just then, so a later answer is a direct message.
 */
const ATTENTION_MS = 60_000;

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
    const runId = context.runIdOf({ team, channel, user, ts, text: event.text });
    const origin = { channel, ...(thread && { thread }) };
    const asked = { runId, requester: { team, user }, origin, thread: thread ?? ts };
    let said: Answer;
    try {
      const newest = thread
        ? await context.followUpIn(channel, thread, underOurs(event, botUserId))
        : undefined;
      said = await reply(context, client, asked, textTo(botUserId, event.text), newest);
    } catch (error) {
      context.log.warn({ err: error }, 'A mention could not be confirmed');
      said = { words: { text: MENTION_NOT_CONFIRMED }, started: false };
    }
    const isLate = Date.now() - Number(ts) * 1000 > ATTENTION_MS;
    const told = isLate
      ? answerLate(client, asked.requester, said.words, { channel, ts })
      : whisper(client, asked.requester, said.words, origin);
    await (said.started ? soon(told) : told);
  };
}

/** Answers in a direct message, with a link to what the answer is about. */
async function answerLate(
  client: WebClient,
  asker: Person,
  { text, blocks }: Answer['words'],
  message: MessageRef,
): Promise<void> {
  const link = await permalink(client, message);
  const about = `About ${link ? `<${link}|your message>` : 'your message'}, which reached me late:`;
  const words = { text: `${about}\n${text}`, ...(blocks && { blocks: [line(about), ...blocks] }) };
  await sendDirectMessage(client, asker, words);
}

async function reply(
  context: ListenerContext,
  client: WebClient,
  asked: Asked,
  text: string,
  newest: RunInThread | undefined,
): Promise<Answer> {
  const command = aboutThread(parseCommand(text), newest);
  if (newest && command.kind === 'help' && command.unknown) {
    // A word that is none of ours was meant for the run that waits here.
    const over = await finished(context, client, asked.requester, newest);
    if (typeof over === 'string') return { words: { text: over }, started: false };
  }
  const start = (goal: string) => startInThread(context, client, goal, asked, newest);
  return await answer(context, client, asked, command, start);
}

/** Whether the thread's root may be one of our cards. Slack names its author (Bolt's type of the event doesn't). */
function underOurs(event: Args['event'], botUser: string): { ours: boolean } {
  const { parent_user_id: author = botUser } = event as { parent_user_id?: string };
  return { ours: author === botUser };
}

/** In a run's thread, `status` and `cancel` are about that run. */
function aboutThread(command: AgentCommand, newest?: RunInThread): AgentCommand {
  const about = command.kind === 'status' || command.kind === 'cancel';
  return about && command.runId === '' && newest ? { ...command, runId: newest.runId } : command;
}
