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
import { type OpenItem, type RunView, viewOf } from '../run/run-view.js';
import type { RunEnd } from '../run/state.js';
import type { RunMemo } from '../run/summary.js';

/** Longest wait for a plan that is not in the ledger yet, in milliseconds. Its card may be clicked earlier; Slack allows 3 s for the modal. */
const WRITTEN_WITHIN_MS = 1_500;
const LOOK_EVERY_MS = 100;

/** Reads the revision of a run's plan that a button shows; undefined when the ledger doesn't get it in time. */
export async function findPlan(
  ledger: Pick<Ledger, 'read'>,
  { run, items: [item] }: { run: string; items: ShownItem[] },
): Promise<PlanRevision | undefined> {
  return await withinMs(WRITTEN_WITHIN_MS, async () => {
    const plans = await ledger.read(run, 'planned');
    return plans.findLast(({ data }) => data.digest === item?.digest)?.data;
  });
}

/** Reads the item of a request that waits; undefined when the ledger doesn't get it in time, and once it is decided. */
export async function findOpenItem(
  ledger: Pick<Ledger, 'view'>,
  { run, request }: { run: string; request: string },
): Promise<OpenItem | undefined> {
  return await withinMs(WRITTEN_WITHIN_MS, async () => {
    const view = await ledger.view(run);
    return view?.open.find((open) => open.request === request);
  });
}

/** Events of a run, and the head of its chain. */
export interface Story {
  entries: LedgerEntry[];
  head?: LedgerHead;
  /** Facts for permissions; unset when the ledger lacks the run's first event. */
  memo?: RunMemo;
}

export async function readStory(ledger: Pick<Ledger, 'stored'>, shortId: string): Promise<Story> {
  const stored = await ledger.stored(shortId);
  const entries = eventsIn(stored);
  const head = stored.at(-1);
  const view = viewOf(entries);
  return { entries, ...(head && { head }), ...(view && { memo: memoOf(view) }) };
}

/** Facts of a run, in the form of Temporal's memo. */
export function memoOf({ goal, requester, channel, policy }: RunView): RunMemo {
  return { goal, requester, channel, approvers: escalated(policy).approvers };
}

export interface RunInThread {
  shortId: string;
  memo: RunMemo;
  /** Unset when the ledger has no end of the run. */
  ended?: RunEnd['state'];
  card?: MessageRef;
  /** Data for a run that follows up on it. */
  followUp: FollowUp;
}

/** Longest wait for the ledger when a mention is answered, in milliseconds. Slack allows 3 s. */
const READ_WITHIN_MS = 1_500;
/** Longest wait for a card that is not in the ledger yet, in milliseconds. People may answer it a moment earlier. */
const POSTED_WITHIN_MS = 800;

/**
 * Finds the newest run in the thread under a message, with the data for a follow-up. `ours`: the message may be a card, so a missing run
 * is searched for a moment longer.
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
    // A retried run no longer has an end.
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

/** Repeats a search until it finds something, or for `ms`. */
async function withinMs<T>(ms: number, find: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await find();
    if (found !== undefined || Date.now() >= deadline) return found;
    await delay(LOOK_EVERY_MS);
  }
}
