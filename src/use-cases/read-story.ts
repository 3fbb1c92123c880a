import { setTimeout as delay } from 'node:timers/promises';
import type { ShownItem } from '../approval/decision.js';
import { escalated } from '../approval/policy.js';
import { eventsIn, type Ledger, type LedgerEntry } from '../ledger/index.js';
import { CountersignError } from '../platform/errors.js';
import { withTimeout } from '../platform/with-timeout.js';
import type { LedgerHead } from '../run/event.js';
import { resultOf } from '../run/follow-up.js';
import type { FollowUp } from '../run/input.js';
import type { MessageRef } from '../run/message.js';
import type { PlanRevision } from '../run/plan.js';
import { type RunView, viewOf } from '../run/run-view.js';
import type { RunEnd } from '../run/state.js';
import type { RunMemo } from '../run/summary.js';

/** A card may be clicked a moment before its plan is written; a form must be opened within Slack's 3 s. In milliseconds. */
const WRITTEN_WITHIN_MS = 1_500;
const LOOK_EVERY_MS = 100;

/** The revision of a run's plan that a button shows, out of the ledger; undefined where it isn't written in a moment. */
export async function findPlan(
  ledger: Pick<Ledger, 'read'>,
  { run, items: [item] }: { run: string; items: ShownItem[] },
): Promise<PlanRevision | undefined> {
  return await withinMs(WRITTEN_WITHIN_MS, async () => {
    const plans = await ledger.read(run, 'planned');
    return plans.findLast(({ data }) => data.digest === item?.digest)?.data;
  });
}

/** Events of a run, the end of its chain, and who may see it. */
export interface Story {
  entries: LedgerEntry[];
  head?: LedgerHead;
  /** Unset where the ledger doesn't know how the run began. */
  memo?: RunMemo;
}

export async function readStory(ledger: Pick<Ledger, 'stored'>, shortId: string): Promise<Story> {
  const stored = await ledger.stored(shortId);
  const entries = eventsIn(stored);
  const head = stored.at(-1);
  const view = viewOf(entries);
  return { entries, ...(head && { head }), ...(view && { memo: memoOf(view) }) };
}

/** Facts of a run, as Temporal's memo has them. */
export function memoOf({ goal, requester, channel, policy }: RunView): RunMemo {
  return { goal, requester, channel, approvers: escalated(policy).approvers };
}

/** The newest run in a thread. */
export interface RunInThread {
  shortId: string;
  memo: RunMemo;
  /** Unset where the ledger knows of no end. */
  ended?: RunEnd['state'];
  card?: MessageRef;
  /** For a run that follows up on it. */
  followUp: FollowUp;
}

/** A mention must be answered within Slack's 3 s: a ledger that takes longer than this counts as away, in milliseconds. */
const READ_WITHIN_MS = 1_500;
/** A card may be answered a moment before it is written, in milliseconds. */
const POSTED_WITHIN_MS = 800;

/**
 * The newest run in the thread under a message, out of the ledger, with what a run needs that follows up on it. `ours`: the message may
 * be a card, so a run that isn't there is looked for again for a moment.
 *
 * @throws CountersignError when the ledger doesn't answer in time.
 */
export async function findRunInThread(
  ledger: Pick<Ledger, 'read' | 'view' | 'runsIn'>,
  channel: string,
  thread: string,
  under: { ours: boolean },
): Promise<RunInThread | undefined> {
  const find = async (): Promise<RunInThread | undefined> => {
    const newest = async () => (await ledger.runsIn(channel, thread)).at(-1);
    const shortId = await withinMs(under.ours ? POSTED_WITHIN_MS : 0, newest);
    const view = shortId === undefined ? undefined : await ledger.view(shortId);
    if (!view) return undefined;
    const { goal, title = goal, card, end: ended } = view;
    const text = (await ledger.read(view.shortId, 'executed')).at(-1)?.data.text;
    // A run that is tried again has an end no more.
    const end = ended && (await ledger.read(view.shortId, 'ended')).at(-1)?.data;
    return {
      shortId: view.shortId,
      memo: memoOf(view),
      ...(ended && { ended }),
      ...(card && { card }),
      followUp: { shortId: view.shortId, goal, title, result: resultOf(end, text) },
    };
  };
  return await withTimeout(READ_WITHIN_MS, find, () => {
    throw new CountersignError('LedgerAway', 'The ledger did not answer in time');
  });
}

/** Looks for something until it is there, or this long. */
async function withinMs<T>(ms: number, find: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await find();
    if (found !== undefined || Date.now() >= deadline) return found;
    await delay(LOOK_EVERY_MS);
  }
}
