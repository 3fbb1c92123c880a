import type { WebClient } from '@slack/web-api';
import { cancelRun } from '../../../use-cases/cancel-run.js';
import { inspectRun, listRuns } from '../../../use-cases/inspect-run.js';
import type { RunInThread } from '../../../use-cases/read-story.js';
import { draftSchedule, listSchedules, SCHEDULE_GOAL_LIMIT } from '../../../use-cases/schedule-runs.js';
import { type NewRun, startInThread, type ThreadState } from '../../../use-cases/start-run.js';
import { permalink } from '../../client/web.js';
import {
  busyThreadReply,
  cancelReply,
  goalTooLongReply,
  helpReply,
  listReply,
  type Reply,
  startedReply,
  statusReply,
  THREAD_NOT_VISIBLE,
  unknownRunReply,
} from '../../messages/private/run-replies.js';
import {
  draftMessage,
  SCHEDULE_HELP,
  scheduleGoalTooLongReply,
  scheduleListMessage,
  timetableNotReadReply,
} from '../../messages/schedule/schedules.js';
import type { ListenerContext } from '../context.js';
import type { AgentCommand } from './parse-command.js';

/** `isStarted`: the run is in Temporal, whether or not the person gets the reply. */
export interface CommandAnswer {
  reply: Reply;
  isStarted: boolean;
}

/** Carries out a command or a mention; the reply is for the person alone. `newest`: the newest run of the thread. */
export async function answerCommand(
  context: ListenerContext,
  client: WebClient,
  run: NewRun,
  command: AgentCommand,
  newest?: RunInThread,
): Promise<CommandAnswer> {
  if (command.kind === 'goal') return await start(context, client, run, command.goal, newest);
  const reply = await replyTo(context, run, command);
  return { reply: typeof reply === 'string' ? { text: reply } : reply, isStarted: false };
}

async function start(
  context: ListenerContext,
  client: WebClient,
  run: NewRun,
  goal: string,
  newest: RunInThread | undefined,
): Promise<CommandAnswer> {
  const outcome = await startInThread(context, goal, run, newest);
  switch (outcome.kind) {
    case 'started':
      return { reply: { text: startedReply(goal, { ...run, ...outcome }) }, isStarted: true };
    case 'too-long':
      return { reply: { text: goalTooLongReply(outcome.length) }, isStarted: false };
    default:
      return { reply: await threadReply(client, outcome), isStarted: false };
  }
}

/** Reply where a goal in a thread starts nothing. */
export async function threadReply(client: WebClient, state: ThreadState): Promise<Reply> {
  if (state.kind === 'not-visible') return { text: THREAD_NOT_VISIBLE };
  const link = state.card && (await permalink(client, state.card));
  return { text: busyThreadReply(state.run, state.snapshot, link) };
}

async function replyTo(
  context: ListenerContext,
  run: NewRun,
  command: Exclude<AgentCommand, { kind: 'goal' }>,
): Promise<string | Reply> {
  // The id of the run that would start is the id of the command, too: each delivery has the same.
  const { requester: by, runId: once } = run;
  switch (command.kind) {
    case 'help':
      return helpReply(command.unknown);
    case 'list':
      return listReply(await listRuns(context, by));
    case 'status': {
      const status = await inspectRun(context, command.runId, by);
      return status ? statusReply(status, context.toolProblems()) : unknownRunReply('status', command.runId);
    }
    case 'cancel': {
      const { runId } = command;
      return cancelReply(await cancelRun(context, { runId, by, once }), runId);
    }
    case 'schedule':
      return await draftReply(context, run, command);
    case 'schedules':
      return scheduleListMessage(await listSchedules(context, by));
  }
}

async function draftReply(
  context: ListenerContext,
  run: NewRun,
  command: { when?: string; goal: string },
): Promise<string | Reply> {
  const outcome = await draftSchedule(context, run, command);
  switch (outcome.kind) {
    case 'incomplete':
      return SCHEDULE_HELP;
    case 'unreadable':
      return timetableNotReadReply(outcome.problem);
    case 'too-long':
      return scheduleGoalTooLongReply(outcome.length, SCHEDULE_GOAL_LIMIT);
    case 'draft':
      return draftMessage(outcome.draft, outcome);
  }
}
