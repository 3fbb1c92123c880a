import type { RunSnapshot } from '../../core/run.js';
import type { RunEnding, RunSummary, ToolProblem } from '../ports.js';
import { clip, code, escapeMrkdwn, mention, moment } from './text.js';
import { approverWords } from './who.js';

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
  if (snapshot?.asking) lines.push(`Waits for people, in its thread: ${askingWords(snapshot.asking)}`);
  return lines.join('\n');
}

/** A line a tool server that a run can't use just now. */
export function problemLines(problems: ToolProblem[]): string[] {
  return problems.map(
    ({ server, reason }) =>
      `:warning: The tools of ${code(server)} aren’t available: ${escapeMrkdwn(clip(reason.replaceAll(/\s+/g, ' '), 300))}`,
  );
}

/** So many of the things that a run waits for are named. */
const MAX_ASKING = 5;

function askingWords(asking: string[]): string {
  const named = asking.slice(0, MAX_ASKING).map((what) => escapeMrkdwn(clip(what, 150)));
  const more = asking.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join('; ');
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
