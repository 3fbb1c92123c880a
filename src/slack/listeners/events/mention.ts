import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Person } from '../../../approval/person.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import type { MessageRef } from '../../../run/message.js';
import { findRunInThread, type RunInThread } from '../../../use-cases/read-story.js';
import { followUpOn } from '../../../use-cases/start-run.js';
import { sendDirectMessage, sendPrivately } from '../../client/send-privately.js';
import { permalink } from '../../client/web.js';
import { isLate } from '../../messages/private/must-know.js';
import { lateReply, type Reply } from '../../messages/private/run-replies.js';
import { failureText, MENTION_NOT_CONFIRMED } from '../../messages/refusals/refused-click.js';
import { answerCommand, type CommandReply, threadReply } from '../commands/answer-command.js';
import { type AgentCommand, parseCommand } from '../commands/parse-command.js';
import type { ListenerContext, Registration } from '../context.js';
import { readPerson } from '../person.js';
import { mentionText } from './mention-text.js';

type MentionArgs = SlackEventMiddlewareArgs<'app_mention'> & AllMiddlewareArgs;

/** Longest delay of the acknowledgement for the reply, in milliseconds. The run has started, so the reply may get lost. */
const REPLY_WITHIN_MS = 700;

export const mention: Registration = (app, context) => {
  app.event('app_mention', (args) => answerMention(context, args));
};

/**
 * `@countersign <goal>`. The receiver acknowledges the event after this function, when the run is in Temporal or the person has a reply.
 * If it throws, Slack redelivers the event, which starts the same run.
 */
export async function answerMention(
  context: ListenerContext,
  { event, body, client, ...bolt }: MentionArgs,
): Promise<void> {
  const { channel, user, ts, thread_ts: thread, text } = event;
  // Messages of programs, and edits, start nothing.
  if (!user || event.bot_id || event.edited) return;
  const { botUserId = '' } = bolt.context;
  const requester = readPerson({ ...body, event: { ...event, user } }, context.home.team);
  const shortId = context.shortIdOf({ team: requester.team, channel, user, ts, text });
  const origin = { channel, ...(thread && { thread }) };
  const run = { shortId, requester, origin, thread: thread ?? ts };
  const answer = async (): Promise<CommandReply> => {
    const ours = isUnderOurs(event, botUserId);
    const newest = thread ? await findRunInThread(context.ledger, channel, thread, { ours }) : undefined;
    const command = applyToThread(parseCommand(mentionText(botUserId, text)), newest);
    // A word in the thread of an unfinished run was meant for that run.
    if (newest && command.kind === 'ask') {
      const state = await followUpOn(context, newest, requester);
      if (state.kind !== 'over') return { text: await threadReply(client, state) };
    }
    return await answerCommand(context, client, run, command, newest);
  };
  const { isStarted, ...reply } = await answer().catch((err: unknown): CommandReply => {
    context.log.warn({ err }, 'A mention could not be confirmed');
    return { text: failureText(err, MENTION_NOT_CONFIRMED) };
  });
  const send = () =>
    isLate(Number(ts) * 1000)
      ? replyLate(client, requester, reply, { channel, ts })
      : sendPrivately(client, requester, reply, origin);
  if (!isStarted) await send();
  else await withTimeout(REPLY_WITHIN_MS, send, () => undefined).catch(() => undefined);
}

async function replyLate(client: WebClient, to: Person, reply: Reply, message: MessageRef): Promise<void> {
  await sendDirectMessage(client, to, lateReply(reply, await permalink(client, message)));
}

/** True if the thread's root may be one of the app's cards. Bolt's type lacks the field that names the root's author. */
function isUnderOurs(event: MentionArgs['event'], botUser: string): boolean {
  return !('parent_user_id' in event) || event.parent_user_id === botUser;
}

/** In a run's thread, `status` and `cancel` refer to that run. */
function applyToThread(command: AgentCommand, newest: RunInThread | undefined): AgentCommand {
  const isAbout = command.kind === 'status' || command.kind === 'cancel';
  return isAbout && command.shortId === '' && newest ? { ...command, shortId: newest.shortId } : command;
}
