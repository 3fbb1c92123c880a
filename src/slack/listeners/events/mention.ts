import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Person } from '../../../approval/person.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import type { MessageRef } from '../../../run/message.js';
import { warnAnd } from '../../../telemetry/warnings.js';
import { findRunInThread, type RunInThread } from '../../../use-cases/read-story.js';
import { followUpOn } from '../../../use-cases/start-run.js';
import { postOnce } from '../../client/post-once.js';
import { sendDirectMessage, sendPrivately } from '../../client/send-privately.js';
import { permalink } from '../../client/web/web.js';
import { withBlocks } from '../../messages/kit/blocks.js';
import { isLate } from '../../messages/private/must-know.js';
import { lateReply, NOT_READ_HERE, type Reply } from '../../messages/private/run-replies.js';
import { failureText, MENTION_NOT_CONFIRMED } from '../../messages/refusals/refused-click.js';
import { answerCommand, type CommandReply, threadReply } from '../commands/answer-command.js';
import { type AgentCommand, parseCommand } from '../commands/parse-command.js';
import type { ListenerContext, Registration } from '../context.js';
import { lookUpNames } from '../markup.js';
import { readPerson } from '../person.js';
import { mentionText } from './mention-text.js';

type MentionArgs = SlackEventMiddlewareArgs<'app_mention'> & AllMiddlewareArgs;

/** A person's message to the app, with the tools to answer it. `isDirect`: it was written in the app's direct message. */
interface MessageArgs extends Pick<MentionArgs, 'client' | 'context'> {
  event: Pick<
    MentionArgs['event'],
    'channel' | 'user' | 'ts' | 'thread_ts' | 'text' | 'bot_id' | 'edited' | 'team'
  > & {
    parent_user_id?: string;
    files?: unknown[];
  };
  body: { team_id?: string; enterprise_id?: string };
  isDirect?: true;
}

/** Longest delay of the acknowledgement for the reply, in milliseconds. The run has started, so the reply may get lost. */
const REPLY_WITHIN_MS = 700;

export const mention: Registration = (app, context) => {
  app.event('app_mention', (args) => answerMention(context, args));
};

/**
 * `@countersign <goal>`, or a goal in a direct message. The receiver acknowledges the event after this function, when the run is in Temporal or the
 * person has a reply. If it throws, Slack redelivers the event, which starts the same run.
 */
export async function answerMention(
  context: ListenerContext,
  { event, body, client, isDirect, ...bolt }: MessageArgs,
): Promise<void> {
  const { channel, user, ts, thread_ts: thread, text } = event;
  // Messages of programs, and edits, start nothing.
  if (!user || event.bot_id || event.edited) return;
  const { botUserId = '', retryNum } = bolt.context;
  const requester = readPerson({ ...body, event: { ...event, user } }, context.home.team);
  const shortId = context.shortIdOf({ team: requester.team, channel, user, ts, text });
  const origin = { channel, ...(thread && { thread }) };
  const isRead = thread !== undefined || (event.files ?? []).length > 0;
  const root = thread ?? ts;
  const read = isRead && { mention: { channel, ts, thread: root } };
  const run = { shortId, requester, origin, thread: root, ...read };
  const answer = async (): Promise<CommandReply> => {
    const ours = isUnderOurs(event, botUserId);
    const [newest, names] = await Promise.all([
      thread ? findRunInThread(context.ledger, channel, thread, { ours }) : undefined,
      lookUpNames(context, text.replaceAll(`<@${botUserId}>`, ''), channel),
    ]);
    // Under a notice, somebody answers the notice; a goal of theirs would be a misunderstanding.
    if (isDirect && !newest && event.parent_user_id === botUserId) return { text: NOT_READ_HERE };
    const command = applyToThread(parseCommand(mentionText(botUserId, text, names)), newest);
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
  const send = async (): Promise<unknown> => {
    if (isDirect) {
      // A redelivered message may have its answer already.
      const once = { key: `${shortId}/answer`, ...(retryNum && { lookSince: Number(ts) * 1000 }) };
      return await postOnce(client, { channel, thread: run.thread, ...withBlocks(reply) }, once);
    }
    if (isLate(Number(ts) * 1000)) return await replyLate(client, requester, reply, { channel, ts });
    return await sendPrivately(client, requester, reply, origin);
  };
  if (!isStarted) await send();
  else await withTimeout(REPLY_WITHIN_MS, send, () => undefined).catch(notAnswered);
}

const notAnswered = warnAnd('reply', 'A run was started, but its person could not be told', undefined);

async function replyLate(client: WebClient, to: Person, reply: Reply, message: MessageRef): Promise<void> {
  await sendDirectMessage(client, to, lateReply(reply, await permalink(client, message)));
}

/** True if the thread's root may be one of the app's cards. */
function isUnderOurs(event: MessageArgs['event'], botUser: string): boolean {
  return !('parent_user_id' in event) || event.parent_user_id === botUser;
}

/** In a run's thread, `status` and `cancel` refer to that run. */
function applyToThread(command: AgentCommand, newest: RunInThread | undefined): AgentCommand {
  const isAbout = command.kind === 'status' || command.kind === 'cancel';
  return isAbout && command.shortId === '' && newest ? { ...command, shortId: newest.shortId } : command;
}
