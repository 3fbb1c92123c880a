import type { Asked, RunOutcome, RunSnapshot } from '../../../run/state.js';
import type { ExecutionEnd, RunSummary } from '../../../run/summary.js';
import {
  approversText,
  clip,
  code,
  count,
  deadline,
  durationText,
  factLine,
  mention,
  moment,
  oneLine,
  spentText,
} from '../kit/text.js';
import { FAILED_AT } from '../plan/status-line.js';
import { DECIDED } from '../request/decisions.js';
import { toolText } from '../request/subject.js';

type Run = Omit<RunSummary, 'executionId'>;

/** Limit for the lines about tools, and for a tool's name in characters. */
const MAX_PROBLEMS = 10;
const MAX_NAME = 100;

/** Temporal's states of an execution. `GONE`: Temporal no longer knows the run, and the ledger holds no other end. */
const STATUSES: Record<string, string> = {
  RUNNING: 'is running',
  COMPLETED: 'is over',
  FAILED: 'failed',
  CANCELLED: 'was stopped',
  TERMINATED: 'ended outside Slack',
  TIMED_OUT: 'ran out of time',
  GONE: 'ended outside Slack',
};

const STATES: Record<RunSnapshot['state'], string> = {
  searching: 'is being researched',
  planning: 'is getting its plan',
  waiting: 'waits for approval',
  executing: "is approved. I'm working on it",
  completed: 'is done',
  rejected: 'was rejected',
  expired: 'expired: nobody decided in time',
  cancelled: 'was stopped',
  failed: 'failed',
};

/** How a run stands: by its snapshot, or by its end; without either, by Temporal's server. `link` leads to its card. */
export function statusText(
  run: Run,
  {
    snapshot,
    end,
    link,
  }: { snapshot?: RunSnapshot | undefined; end?: ExecutionEnd; link?: string | undefined } = {},
): string {
  const { shortId, memo, startedAt } = run;
  return [
    `Run ${code(shortId)} ${stateText(run, snapshot, end)}.${link ? ` <${link}|Open the card>` : ''}`,
    `> ${oneLine(memo.goal, 300)}`,
    `Asked by ${mention(memo.requester.user)} ${moment(startedAt)}`,
    ...(snapshot ? snapshotLines(snapshot) : []),
  ].join('\n');
}

function snapshotLines({ state, policy, requester, ...run }: RunSnapshot): string[] {
  const { expiresAt, decision, asking, spent, votes } = run;
  const approvers = approversText(policy, requester.user);
  const soFar = policy.approvals > 1 ? ` (${votes.length} of ${policy.approvals})` : '';
  const lines = [
    state === 'waiting' &&
      expiresAt &&
      `:large_yellow_circle: Waiting for ${approvers}${soFar}. Decide by ${deadline(expiresAt)}`,
    decision && `${DECIDED[decision.kind][1]} by ${mention(decision.by.user)} ${moment(decision.at)}`,
    asking?.length && requestsLine(asking),
    spent?.turns &&
      factLine(
        `Used so far: ${spentText(spent)}`,
        spent.timeMs > 0 && `${durationText(spent.timeMs)} working time`,
      ),
  ];
  return lines.filter((line) => typeof line === 'string');
}

function stateText(run: Run, snapshot?: RunSnapshot, end?: ExecutionEnd): string {
  if (end?.kind === 'outcome') return outcomeText(end.outcome);
  if (end?.kind === 'failed') {
    return `failed ${FAILED_AT[end.failure.step]}: ${oneLine(end.failure.message, 500)}`;
  }
  if (snapshot) return STATES[snapshot.state];
  const status = STATUSES[run.status] ?? `is ${run.status.toLowerCase()}`;
  return run.status === 'RUNNING' ? `${status}. I can't get its details right now` : status;
}

function outcomeText(outcome: RunOutcome): string {
  if (outcome.state === 'rejected') return `was rejected by ${mention(outcome.decision.by.user)}`;
  if (outcome.state !== 'cancelled') return STATES[outcome.state];
  const by = outcome.by ? ` by ${mention(outcome.by.user)}` : '';
  return `was stopped${by}${outcome.why === undefined ? '' : `: ${oneLine(outcome.why, 500)}`}`;
}

/** Limit for the named requests. */
const MAX_REQUESTS = 5;

function askedText(asked: Asked): string {
  switch (asked.kind) {
    case 'tool-call':
      return oneLine(asked.headline, 200);
    case 'question':
      return asked.tool === undefined
        ? 'a question from the agent'
        : `a question from ${toolText(asked.tool)}`;
    case 'lost-call':
      return 'was an action done?';
    case 'budget':
      return 'more budget?';
  }
}

/** Names the open requests in the card's thread; requests with the same name are counted. */
function requestsLine(asked: Asked[]): string {
  const times = new Map<string, number>();
  for (const name of asked.map(askedText)) times.set(name, (times.get(name) ?? 0) + 1);
  const texts = [...times].map(([name, number]) => (number === 1 ? name : `${name} (${number} times)`));
  if (texts.length > MAX_REQUESTS)
    texts.splice(MAX_REQUESTS, Infinity, `${texts.length - MAX_REQUESTS} more`);
  return `:large_yellow_circle: Waiting in the thread: ${texts.join('; ')}`;
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
        ? `The tools of ${code(server)} aren't available`
        : `The tool ${code(clip(tool, MAX_NAME))} of ${code(server)} isn't offered`;
    return `:warning: ${what}: ${oneLine(reason, 300)}`;
  });
  const more = lines.splice(MAX_PROBLEMS).length;
  return more > 0 ? [...lines, `:warning: ${count(more, 'more problem')} with tools`] : lines;
}
