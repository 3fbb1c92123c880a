import type { RunView } from '../../../run/run-view.js';
import type { RunSnapshot } from '../../../run/state.js';
import type { ExecutionEnd, RunSummary } from '../../../run/summary.js';
import {
  approversText,
  clip,
  code,
  count,
  durationText,
  factLine,
  mention,
  moment,
  notificationLine,
  oneLine,
  spentText,
} from '../kit/text.js';
import { DECIDED } from '../request/decisions.js';

type Run = Omit<RunSummary, 'executionId'>;

/** Limit for the lines about tools, and for a tool's name in characters. */
const MAX_PROBLEMS = 10;
const MAX_NAME = 100;

/** Temporal's states of an execution. `GONE`: Temporal no longer knows the run, and the ledger holds no other end. */
const STATUSES: Record<string, string> = {
  RUNNING: 'running',
  COMPLETED: 'finished',
  FAILED: 'failed',
  CANCELLED: 'stopped',
  TERMINATED: 'terminated in Temporal',
  TIMED_OUT: 'timed out',
  GONE: 'ended from outside',
};

const LISTED: Record<RunView['state'], string> = {
  working: 'running',
  waiting: 'running',
  executing: 'running',
  completed: 'finished',
  rejected: 'finished',
  expired: 'finished',
  cancelled: 'finished',
  failed: 'failed',
  gone: 'ended from outside',
};

const STATES: Record<RunSnapshot['state'], string> = {
  searching: 'is searching the web',
  planning: 'is writing the plan',
  waiting: 'waits for approval',
  executing: 'is being carried out',
  completed: 'is done',
  rejected: 'was rejected',
  expired: 'expired',
  cancelled: 'was stopped',
  failed: 'failed',
};

/** One line for each run. */
export function listLines(runs: RunView[]): string[] {
  return runs.map(({ shortId, goal, state, startedAt }) =>
    factLine(code(shortId), LISTED[state], moment(startedAt), oneLine(goal, 100)),
  );
}

function serverStatus(status: string): string {
  return STATUSES[status] ?? status.toLowerCase();
}

/** Status of a run by its snapshot; without a snapshot, by Temporal's server and the run's end. */
export function statusText(run: Run, snapshot?: RunSnapshot, end?: ExecutionEnd): string {
  const { shortId, memo, startedAt } = run;
  return [
    `Run ${code(shortId)} ${stateText(run, snapshot, end)}.`,
    `> ${oneLine(memo.goal, 300)}`,
    `Asked by ${mention(memo.requester.user)} ${moment(startedAt)}`,
    ...(snapshot ? snapshotLines(snapshot) : []),
  ].join('\n');
}

function snapshotLines({ state, policy, requester, ...run }: RunSnapshot): string[] {
  const { expiresAt, decision, asking, spent } = run;
  const approvers = approversText(policy, requester.user);
  const lines = [
    state === 'waiting' && expiresAt && `Waits for ${approvers}; expires ${moment(expiresAt)}`,
    decision && `${DECIDED[decision.kind][1]} by ${mention(decision.by.user)} ${moment(decision.at)}`,
    asking?.length && requestsLine(asking),
    spent?.turns &&
      factLine(
        `Used up so far: ${spentText(spent)}`,
        spent.timeMs > 0 && `${durationText(spent.timeMs)} at work`,
      ),
  ];
  return lines.filter((line) => typeof line === 'string');
}

function stateText(run: Run, snapshot?: RunSnapshot, end?: ExecutionEnd): string {
  if (end?.kind === 'outcome') {
    const { outcome } = end;
    const why = outcome.state === 'cancelled' ? outcome.why : undefined;
    return why === undefined ? STATES[outcome.state] : `was stopped: ${oneLine(why, 500)}`;
  }
  if (end?.kind === 'failed') {
    return `failed: the ${end.failure.step}: ${oneLine(end.failure.message, 500)}`;
  }
  if (snapshot) return STATES[snapshot.state];
  const unknown = run.status === 'RUNNING' ? '; no worker could say more just now' : '';
  return `is ${serverStatus(run.status)}${unknown}`;
}

/** Limit for the named requests. */
const MAX_REQUESTS = 5;

/** Names the open requests in the card's thread; requests with the same name are counted. */
function requestsLine(names: string[]): string {
  const times = new Map<string, number>();
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  const texts = [...times].map(([name, number]) =>
    number === 1 ? notificationLine(name, 200) : `${notificationLine(name, 200)} (${number} times)`,
  );
  if (texts.length > MAX_REQUESTS)
    texts.splice(MAX_REQUESTS, Infinity, `${texts.length - MAX_REQUESTS} more`);
  return `:large_yellow_circle: Asks people in the thread of its card: ${texts.join('; ')}`;
}

/** An unavailable tool server, or with `tool` one of its tools that can't be offered. */
export interface ToolProblem {
  server: string;
  tool?: string;
  reason: string;
}

/** One line for each unavailable tool server, and for each tool that can't be offered. */
export function problemLines(problems: ToolProblem[]): string[] {
  const lines = problems.map(({ server, tool, reason }) => {
    const what =
      tool === undefined
        ? `The tools of ${code(server)} aren’t available`
        : `The tool ${code(clip(tool, MAX_NAME))} of ${code(server)} isn’t offered`;
    return `:warning: ${what}: ${oneLine(reason, 300)}`;
  });
  const more = lines.splice(MAX_PROBLEMS).length;
  return more > 0 ? [...lines, `:warning: ${count(more, 'more problem')} with tools`] : lines;
}
