import type { RunSnapshot } from '../../../run/state.js';
import type { ExecutionEnd, RunSummary } from '../../../run/summary.js';
import { durationText, spentText } from '../kit/amounts.js';
import { approversText } from '../kit/people.js';
import { clip, code, escapeMrkdwn, mention, moment, oneLine } from '../kit/text.js';

/** Temporal's states of an execution. */
const STATUSES: Record<string, string> = {
  RUNNING: 'running',
  COMPLETED: 'finished',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated in Temporal',
  TIMED_OUT: 'timed out',
};

/** A line a run. */
export function listLines(runs: RunSummary[]): string[] {
  return runs.map(({ runId, memo, status, startedAt }) => {
    const goal = oneLine(memo.goal, 100);
    return `\`${escapeMrkdwn(runId)}\` · ${serverStatus(status)} · ${moment(startedAt.toISOString())} · ${goal}`;
  });
}

function serverStatus(status: string): string {
  return STATUSES[status] ?? status.toLowerCase();
}

const STATES: Record<RunSnapshot['state'], string> = {
  searching: 'is searching the web',
  planning: 'is writing the plan',
  waiting: 'waits for approval',
  executing: 'is being carried out',
  completed: 'is done',
  rejected: 'was rejected',
  expired: 'expired',
  cancelled: 'was cancelled',
  failed: 'failed',
};

/** Status of a run by its snapshot; without a snapshot, by Temporal's server and the run's end. */
export function statusText(run: RunSummary, snapshot?: RunSnapshot, end?: ExecutionEnd): string {
  const { runId, memo, startedAt } = run;
  const lines = [
    `Run \`${escapeMrkdwn(runId)}\` ${stateText(run, snapshot, end)}.`,
    `> ${oneLine(memo.goal, 300)}`,
    `Asked by ${mention(memo.requester.user)} ${moment(startedAt.toISOString())}`,
  ];
  return [...lines, ...(snapshot ? snapshotLines(snapshot) : [])].join('\n');
}

function snapshotLines({
  state,
  policy,
  requester,
  expiresAt,
  decision,
  asking,
  spent,
}: RunSnapshot): string[] {
  const isWaiting = state === 'waiting' && expiresAt !== undefined;
  const work = spent && spent.timeMs > 0 ? ` · ${durationText(spent.timeMs)} at work` : '';
  return [
    ...(isWaiting
      ? [`Waits for ${approversText(policy, requester.user)}; expires ${moment(expiresAt)}`]
      : []),
    ...(decision ? [`${DECIDED[decision.kind]} by ${mention(decision.by.user)} ${moment(decision.at)}`] : []),
    ...(asking?.length ? [requestsLine(asking)] : []),
    ...(spent?.turns ? [`Used up so far: ${spentText(spent)}${work}`] : []),
  ];
}

const DECIDED: Record<NonNullable<RunSnapshot['decision']>['kind'], string> = {
  approve: 'Approved',
  reject: 'Rejected',
  changes: 'Changes requested',
  edit: 'Edited',
  extend: 'Extended',
  answer: 'Answered',
};

function stateText(run: RunSummary, snapshot?: RunSnapshot, end?: ExecutionEnd): string {
  if (end?.kind === 'outcome') {
    const { outcome } = end;
    const why = outcome.state === 'cancelled' ? outcome.why : undefined;
    return why === undefined ? STATES[outcome.state] : `was stopped: ${escapeMrkdwn(clip(why, 500))}`;
  }
  if (end?.kind === 'failed') {
    return `failed: the ${end.failure.step}: ${escapeMrkdwn(clip(end.failure.message, 500))}`;
  }
  if (snapshot) return STATES[snapshot.state];
  const status = serverStatus(run.status);
  return run.status === 'RUNNING' ? `is ${status}; no worker could say more just now` : `is ${status}`;
}

/** At most so many requests are named. */
const MAX_REQUESTS = 5;

/** The requests in the card's thread that wait for people; requests of one name are counted. */
function requestsLine(names: string[]): string {
  const times = new Map<string, number>();
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  const shown = [...times].slice(0, MAX_REQUESTS).map(([name, number]) => {
    const text = oneLine(name, 200);
    return number === 1 ? text : `${text} (${number} times)`;
  });
  const more = times.size > shown.length ? [`${times.size - shown.length} more`] : [];
  return `:ballot_box_with_ballot: Asks people in the thread of its card: ${[...shown, ...more].join('; ')}`;
}

/** A line a tool server that a run can't use just now. */
export function problemLines(problems: { server: string; reason: string }[]): string[] {
  return problems.map(
    ({ server, reason }) =>
      `:warning: The tools of ${code(server)} aren’t available: ${oneLine(reason, 300)}`,
  );
}
