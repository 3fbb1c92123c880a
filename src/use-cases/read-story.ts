import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from '../approval/person.js';
import { type ApprovalPolicy, escalated } from '../approval/policy.js';
import { CountersignError } from '../errors.js';
import type { Ledger, LedgerEntry } from '../ledger/index.js';
import { type Ended, resultOf } from '../run/follow-up.js';
import type { LedgerHead, MessageRef, PlanRevision } from '../run/run.js';
import type { RunInThread } from '../slack/listeners/context.js';

/** A card may be clicked a moment before its plan is written; a form must be opened within Slack's 3 s. In milliseconds. */
const WRITTEN_WITHIN_MS = 1_500;
const LOOK_EVERY_MS = 100;

/** The revision of a run's plan that has this digest, out of the ledger; undefined where it isn't written in a moment. */
export async function planIn(
  ledger: Pick<Ledger, 'read'>,
  runId: string,
  digest: string,
): Promise<PlanRevision | undefined> {
  const deadline = Date.now() + WRITTEN_WITHIN_MS;
  for (;;) {
    const entries = await ledger.read(runId);
    const planned = entries
      .filter(({ kind }) => kind === 'planned')
      .map(({ data }) => data as PlanRevision)
      .findLast((revision) => revision.digest === digest);
    if (planned || Date.now() > deadline) return planned;
    await delay(LOOK_EVERY_MS);
  }
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

/** A mention must be answered within Slack's 3 s: a ledger that takes longer than this counts as away, in milliseconds. */
const READ_WITHIN_MS = 1_500;
/** A card may be answered a moment before it is written, in milliseconds. */
const POSTED_WITHIN_MS = 800;

/**
 * The newest run in the thread under a message, out of the ledger, with what a run needs that follows up on it. `ours`: the message may
 * be a card, so what isn't there is looked for again for a moment.
 *
 * @throws CountersignError when the ledger doesn't answer in time.
 */
export async function followUpIn(
  ledger: Pick<Ledger, 'read' | 'runsIn'>,
  channel: string,
  thread: string,
  under: { ours: boolean },
): Promise<RunInThread | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new CountersignError('LedgerAway', 'The ledger did not answer in time');
    timer = setTimeout(() => reject(error), READ_WITHIN_MS);
  });
  try {
    return await Promise.race([newestIn(ledger, channel, thread, under), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function newestIn(
  ledger: Pick<Ledger, 'read' | 'runsIn'>,
  channel: string,
  thread: string,
  { ours }: { ours: boolean },
): Promise<RunInThread | undefined> {
  const deadline = Date.now() + (ours ? POSTED_WITHIN_MS : 0);
  let runId = (await ledger.runsIn(channel, thread)).at(-1);
  while (runId === undefined && Date.now() < deadline) {
    await delay(LOOK_EVERY_MS);
    runId = (await ledger.runsIn(channel, thread)).at(-1);
  }
  if (runId === undefined) return undefined;
  const { entries, memo } = await storyIn(ledger, runId);
  if (!memo) return undefined;
  const last = <T>(wanted: LedgerEntry['kind']) =>
    entries.findLast(({ kind }) => kind === wanted)?.data as T | undefined;
  const posted = entries
    .filter(({ kind }) => kind === 'posted')
    .map(({ data }) => data as { card: MessageRef; copy?: boolean });
  const card = posted.findLast(({ copy }) => !copy)?.card;
  const title = last<PlanRevision>('planned')?.plan.title ?? memo.goal;
  const end = endOf(entries);
  const result = resultOf(end, last<{ text: string }>('executed')?.text ?? '');
  return {
    runId,
    memo,
    ...(end && { ended: end.state }),
    ...(card && { card }),
    followUp: { runId, goal: memo.goal, title, result },
  };
}

/** Undefined while the run isn't over; one that is tried again isn't any more. */
function endOf(entries: LedgerEntry[]): Ended {
  const last = entries.findLast(({ kind }) => kind === 'started' || kind === 'ended');
  return last?.kind === 'ended' ? (last.data as Ended) : undefined;
}
