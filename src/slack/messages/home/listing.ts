import type { Spent } from '../../../run/budget.js';
import type { RunSnapshot } from '../../../run/run.js';
import type { RunEnding, RunSummary, ToolProblem } from '../../listeners/context.js';
import { clip, code, escapeMrkdwn, mention, moment } from '../kit/text.js';
import { approverWords } from '../kit/who.js';
import { durationWords, spentWords } from '../question/spent.js';

const STATUS: Record<string, string> = {
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
    const goal = escapeMrkdwn(clip(memo.goal.replaceAll(/\s+/g, ' '), 100));
    const word = STATUS[status] ?? status.toLowerCase();
    return `\`${escapeMrkdwn(runId)}\` · ${word} · ${moment(startedAt.toISOString())} · ${goal}`;
  });
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

/** Where a run stands, by its own word; without one, by what Temporal's server and its ending say. */
export function statusWords(run: RunSummary, snapshot?: RunSnapshot, ending?: RunEnding): string {
  const head = `Run \`${escapeMrkdwn(run.runId)}\``;
  const goal = `> ${escapeMrkdwn(clip(run.memo.goal.replaceAll(/\s+/g, ' '), 300))}`;
  const lines = [`${head} ${stateWords(run, snapshot, ending)}.`, goal];
  lines.push(`Asked by ${mention(run.memo.requester.user)} ${moment(run.startedAt.toISOString())}`);
  if (snapshot?.state === 'waiting' && snapshot.expiresAt) {
    const who = approverWords(snapshot.policy, snapshot.requester.user);
    lines.push(`Waits for ${who}; expires ${moment(snapshot.expiresAt)}`);
  }
  if (snapshot?.decision) lines.push(decisionWords(snapshot.decision));
  if (snapshot?.asking?.length) lines.push(askingWords(snapshot.asking));
  if (snapshot?.spent?.turns) lines.push(usedWords(snapshot.spent));
  return lines.join('\n');
}

/** A line a tool server that a run can't use just now. */
export function problemLines(problems: ToolProblem[]): string[] {
  return problems.map(
    ({ server, reason }) =>
      `:warning: The tools of ${code(server)} aren’t available: ${escapeMrkdwn(clip(reason.replaceAll(/\s+/g, ' '), 300))}`,
  );
}

/** So many of what people are asked are told one by one. */
const MAX_ASKED = 5;

/** What people are asked in the card's thread; the same thing is told once, with how often it is. */
function askingWords(asking: string[]): string {
  const times = new Map<string, number>();
  for (const what of asking) times.set(what, (times.get(what) ?? 0) + 1);
  const told = [...times].slice(0, MAX_ASKED).map(([what, number]) => {
    const words = escapeMrkdwn(clip(what.replaceAll(/\s+/g, ' '), 200));
    return number === 1 ? words : `${words} (${number} times)`;
  });
  const more = times.size > told.length ? [`${times.size - told.length} more`] : [];
  return `:ballot_box_with_ballot: Asks people in the thread of its card: ${[...told, ...more].join('; ')}`;
}

function usedWords(spent: Spent): string {
  const work = spent.timeMs > 0 ? ` · ${durationWords(spent.timeMs)} at work` : '';
  return `Used up so far: ${spentWords(spent)}${work}`;
}

function decisionWords({ kind, by, at }: NonNullable<RunSnapshot['decision']>): string {
  const did = {
    approve: 'Approved',
    reject: 'Rejected',
    changes: 'Changes requested',
    edit: 'Edited',
    extend: 'Extended',
  }[kind];
  return `${did} by ${mention(by.user)} ${moment(at)}`;
}

function stateWords(run: RunSummary, snapshot?: RunSnapshot, ending?: RunEnding): string {
  if (ending?.kind === 'outcome') {
    const { outcome } = ending;
    const why = outcome.state === 'cancelled' ? outcome.why : undefined;
    return why === undefined ? STATES[outcome.state] : `was stopped: ${escapeMrkdwn(clip(why, 500))}`;
  }
  if (ending?.kind === 'failed') {
    return `failed: the ${ending.failure.step}: ${escapeMrkdwn(clip(ending.failure.message, 500))}`;
  }
  if (snapshot) return STATES[snapshot.state];
  const word = STATUS[run.status] ?? run.status.toLowerCase();
  return run.status === 'RUNNING' ? `is ${word}; no worker could say more just now` : `is ${word}`;
}
