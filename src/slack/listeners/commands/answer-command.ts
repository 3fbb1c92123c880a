import type { WebClient } from '@slack/web-api';
import { withTimeout } from '../../../platform/with-timeout.js';
import type { RunView } from '../../../run/run-view.js';
import { cancelRun } from '../../../use-cases/act-on-run.js';
import { inspectRun, listRuns } from '../../../use-cases/inspect-run.js';
import type { RunInThread } from '../../../use-cases/read-story.js';
import { draftSchedule, listSchedules, SCHEDULE_GOAL_LIMIT } from '../../../use-cases/schedule-runs.js';
import { type NewRun, startInThread, type ThreadState } from '../../../use-cases/start-run.js';
import { permalink } from '../../client/web/web.js';
import { messageOf } from '../../messages/home/home.js';
import type { AskedGoal } from '../../messages/kit/ids.js';
import { cannotPostMessage } from '../../messages/private/cannot-post.js';
import { goalQuestion, noSuchRunReply } from '../../messages/private/goal-question.js';
import { listReply } from '../../messages/private/list.js';
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
import { asRunStep } from '../run-step.js';
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
    case 'goal':
      return await answerGoal(context, client, run, { ...command, newest, shownIn: run.origin.channel });
    case 'help':
      return { text: replies.HELP };
    case 'ask':
      return goalQuestion({ ...askedOf(run), goal: command.goal });
    case 'list':
      return { text: await listText(client, await listRuns(context, by)) };
    case 'status': {
      const { shortId, word } = command;
      const status = mayBeRun(shortId) ? await inspectRun(context, shortId, by) : undefined;
      if (!status) return noSuchRunReply(word, shortId, askedOf(run));
      const link = status.card && (await permalink(client, status.card));
      return { text: replies.statusReply(status, context.toolProblems(), link) };
    }
    case 'cancel': {
      const { shortId, word } = command;
      const cancel = () => cancelRun(context, { shortId, by, once });
      const outcome = mayBeRun(shortId)
        ? await asRunStep('command cancel', { run: shortId }, cancel)
        : 'unknown-run';
      if (outcome === 'unknown-run') return noSuchRunReply(word, shortId, askedOf(run));
      return { text: replies.cancelReply(outcome, shortId) };
    }
    case 'schedule':
      return await draftReply(context, run, command);
    case 'schedules':
      return scheduleListMessage(await listSchedules(context, by));
  }
}

/** Starts a run for a goal. `shownIn`: channel in which the person reads the reply; `newest`: the newest run of the thread. */
export async function answerGoal(
  context: ListenerContext,
  client: WebClient,
  run: NewRun,
  given: { goal: string; shownIn: string | undefined; newest?: RunInThread | undefined },
): Promise<CommandReply> {
  const { goal, shownIn = '', newest } = given;
  const start = () => startInThread(context, goal, run, newest);
  const outcome = await asRunStep('command start', { run: run.shortId }, start);
  if (outcome.kind === 'too-long') return { text: replies.goalTooLongReply(outcome.length) };
  if (outcome.kind === 'refused') return { text: notAdmittedText(outcome.refusal) };
  if (outcome.kind === 'cannot-post')
    return cannotPostMessage(run.shortId, { ...outcome, isHere: outcome.channel === shownIn });
  if (outcome.kind !== 'started') return { text: await threadReply(client, outcome) };
  const { shortId, requester } = run;
  const started = { shortId, requester, origin: { channel: shownIn }, ...outcome };
  return { ...replies.startedReply(goal, started), isStarted: true };
}

/** The list with links to the runs' messages. Slack gives each link on its own. */
async function listText(client: WebClient, runs: RunView[]): Promise<string> {
  const links = new Map<string, string>();
  const look = async (run: RunView) => {
    const message = messageOf(run);
    const link = message && (await permalink(client, message));
    if (link) links.set(run.shortId, link);
  };
  await withTimeout(
    LINKS_WITHIN_MS,
    () => Promise.all(runs.map(look)),
    () => undefined,
  );
  return listReply(runs, links);
}

/** Longest wait for the links of a list, in milliseconds. Runs whose link comes later have none. */
const LINKS_WITHIN_MS = 3_000;

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
