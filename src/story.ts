import type { Person } from './core/person.js';
import { type ApprovalPolicy, escalated } from './core/policy.js';
import type { LedgerHead, PlanRevision } from './core/run.js';
import type { Ledger, LedgerEntry } from './ledger/index.js';

/** The revision of a run's plan that has this digest, out of the ledger; undefined where it isn't written (yet). */
export async function planIn(
  ledger: Pick<Ledger, 'read'>,
  runId: string,
  digest: string,
): Promise<PlanRevision | undefined> {
  const entries = await ledger.read(runId);
  return entries
    .filter(({ kind }) => kind === 'planned')
    .map(({ data }) => data as PlanRevision)
    .findLast((planned) => planned.digest === digest);
}

/** All that the ledger knows of a run, where its chain ends, and who may see it. */
export interface Story {
  entries: LedgerEntry[];
  head?: LedgerHead;
  memo?: { goal: string; requester: Person; channel: string; approvers: string[] };
}

export async function storyIn(ledger: Pick<Ledger, 'read'>, runId: string): Promise<Story> {
  const entries = await ledger.read(runId);
  const last = entries.at(-1);
  const started = entries.findLast(({ kind }) => kind === 'started')?.data as
    | { goal: string; requester: Person; channel: string; policy: ApprovalPolicy }
    | undefined;
  if (!last || !started) return { entries };
  const { goal, requester, channel, policy } = started;
  return {
    entries,
    head: { sequence: last.sequence, hash: last.hash },
    memo: { goal, requester, channel, approvers: escalated(policy).approvers },
  };
}
