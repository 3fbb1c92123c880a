import type { WebClient } from '@slack/web-api';
import { cancelRun } from '../../../use-cases/act-on-run.js';
import { inspectRun, listRuns } from '../../../use-cases/inspect-run.js';
import type { RunInThread } from '../../../use-cases/read-story.js';
import { draftSchedule, listSchedules, SCHEDULE_GOAL_LIMIT } from '../../../use-cases/schedule-runs.js';
import { type NewRun, startInThread, type ThreadState } from '../../../use-cases/start-run.js';
import { permalink } from '../../client/web.js';
import type { AskedGoal } from '../../messages/kit/ids.js';
import { cannotPostMessage } from '../../messages/private/cannot-post.js';
import { goalQuestion, noSuchRunReply } from '../../messages/private/goal-question.js';
import * as replies from '../../messages/private/run-replies.js';
import { notAdmittedText } from '../../messages/refusals/not-admitted.js';
import {
  draftMessage,
  SCHEDULE_HELP,
  scheduleGoalTooLongReply,
  scheduleListMessage,
  timetableNotReadReply,
} from '../../messages/schedule/schedules.js';
import type { ListenerContext } from '../context.js';
import type { AgentCommand } from './parse-command.js';

export interface CommandReply extends replies.Reply {
  /** Set once the run is in Temporal, even if the reply gets lost. */
  isStarted?: true;
}

/** Carries out a command or a mention. The reply is private. `newest`: the newest run of the thread. */
export async function answerCommand(
  context: ListenerContext,
  client: WebClient,
  run: NewRun,
  command: AgentCommand,
  newest?: RunInThread,
): Promise<CommandReply> {
  // The new run's id also identifies the command: redeliveries share it.
  const { requester: by, shortId: once } = run;
  switch (command.kind) {
    case 'goal': {
      const { goal } = command;
      const outcome = await startInThread(context, goal, run, newest);
      if (outcome.kind === 'too-long') return { text: replies.goalTooLongReply(outcome.length) };
      if (outcome.kind === 'refused') return { text: notAdmittedText(outcome.refusal) };
      if (outcome.kind === 'cannot-post') {
        const isHere = outcome.channel === run.origin.channel;
        return cannotPostMessage(run.shortId, { ...outcome, isHere });
      }
      if (outcome.kind !== 'started') return { text: await threadReply(client, outcome) };
      return { ...replies.startedReply(goal, { ...run, ...outcome }), isStarted: true };
    }
    case 'help':
      return { text: replies.HELP };
    case 'ask':
      return goalQuestion({ ...askedOf(run), goal: command.goal });
    case 'list':
      return { text: replies.listReply(await listRuns(context, by)) };
    case 'status': {
      const { shortId, word } = command;
      const status = mayBeRun(shortId) ? await inspectRun(context, shortId, by) : undefined;
      if (!status) return noSuchRunReply(word, shortId, askedOf(run));
      return { text: replies.statusReply(status, context.toolProblems()) };
    }
    case 'cancel': {
      const { shortId, word } = command;
      const outcome = mayBeRun(shortId) ? await cancelRun(context, { shortId, by, once }) : 'unknown-run';
      if (outcome === 'unknown-run') return noSuchRunReply(word, shortId, askedOf(run));
      return { text: replies.cancelReply(outcome, shortId) };
    }
    case 'schedule':
      return await draftReply(context, run, command);
    case 'schedules':
      return scheduleListMessage(await listSchedules(context, by));
  }
}

/** False for several words, which are no run's id. */
function mayBeRun(shortId: string): boolean {
  return !/\s/.test(shortId);
}

/** Facts for the button that starts the run after a question. */
function askedOf({ shortId: id, requester, origin, thread, mention }: NewRun): Omit<AskedGoal, 'goal'> {
  const place = { channel: origin.channel, ...(thread && { thread }) };
  return { id, user: requester.user, ...place, ...(mention && { mention: mention.ts }) };
}

/** Explains why a goal in a thread starts nothing. */
export async function threadReply(client: WebClient, state: ThreadState): Promise<string> {
  if (state.kind === 'not-visible') return replies.THREAD_NOT_VISIBLE;
  const link = state.card && (await permalink(client, state.card));
  return replies.busyThreadReply(state.run, state.snapshot, link);
}

async function draftReply(
  context: ListenerContext,
  run: NewRun,
  command: { when?: string; goal: string },
): Promise<replies.Reply> {
  const outcome = await draftSchedule(context, run, command);
  switch (outcome.kind) {
    case 'incomplete':
      return { text: SCHEDULE_HELP };
    case 'unreadable':
      return { text: timetableNotReadReply(outcome.problem) };
    case 'refused':
      return { text: notAdmittedText(outcome.refusal) };
    case 'too-long':
      return { text: scheduleGoalTooLongReply(outcome.length, SCHEDULE_GOAL_LIMIT) };
    case 'draft':
      return draftMessage(outcome.draft, outcome);
  }
}
