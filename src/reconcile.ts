import type { Card, CardState } from './core/card.js';
import { RemoteError } from './core/errors.js';
import type { Person } from './core/person.js';
import type { Checkpoint, MessageRef, PlanRevision } from './core/run.js';
import type { Ledger } from './ledger/index.js';
import type { Logger } from './log.js';
import type { createMessenger } from './slack/messenger.js';
import type { RunListing, Runs } from './temporal/runs.js';

/** How often it looks, in milliseconds. */
const EVERY_MS = 30_000;
/** So many cards of waiting runs are looked at each time; Slack allows about 50 such calls a minute. */
const LOOKED_AT = 10;
/** Older runs are left as they are, in milliseconds. */
const OLDEST_MS = 90 * 86_400_000;
/** What can't be repaired is tried again after this long, twice as long each time, in milliseconds. */
const RETRY_MS = { first: EVERY_MS, most: 3_600_000 };

export interface Reconciler {
  /** Looks now, at the cards of this channel first. */
  lookAgain(channel: string): void;
  stop(): Promise<void>;
}

interface Parts {
  ledger: Pick<Ledger, 'unsettled' | 'read' | 'append'>;
  runs: Pick<Runs, 'running' | 'describe' | 'reportLostCard'>;
  messenger: Pick<ReturnType<typeof createMessenger>, 'updateCard' | 'lossOf'>;
  log: Logger;
}

/** A message that shows a run. */
interface Shown {
  runId: string;
  ref: MessageRef;
}

/**
 * Repairs what the runs can't repair themselves, at the start and from time to time. A card whose run was ended in Temporal's
 * UI, or is unknown to it, says so and loses its buttons; one that could not be brought to its last state is; and a run whose
 * card was deleted, or whose channel is out of reach, is told, so that it asks people elsewhere. Several processes may do it at once.
 */
export function startReconciling(parts: Parts): Reconciler {
  const { ledger, runs, messenger, log } = parts;
  const lookedAt = new Map<string, number>();
  const told = new Set<string>();
  const urgent = new Set<string>();
  const again = new Map<string, { at: number; waitMs: number }>();
  let stopped = false;

  const repair = async (runId: string, run: RunListing | undefined): Promise<void> => {
    // Read after Temporal was asked: a run that has just ended by itself has said so here.
    const entries = await ledger.read(runId);
    for (const { ref, state, key, revision } of repairsOf(entries, run)) {
      const card = state && cardFrom(entries, state, revision);
      if (card) {
        await messenger.updateCard(ref, card);
        log.info({ run: runId, state: card.state.kind }, 'A card was brought up to date');
      }
      const data = { card: ref, ...(card && { state: card.state.kind }) };
      const at = new Date().toISOString();
      await ledger.append([{ runId, key: `repaired/${key}`, kind: 'repaired', at, data }]);
    }
  };

  const repairLater = async (runId: string, run: RunListing | undefined): Promise<void> => {
    const due = again.get(runId);
    if (due && due.at > Date.now()) return;
    try {
      await repair(runId, run);
      again.delete(runId);
    } catch (error) {
      const waitMs = due ? Math.min(due.waitMs * 2, RETRY_MS.most) : RETRY_MS.first;
      again.set(runId, { at: Date.now() + waitMs, waitMs });
      log.warn({ run: runId, err: error }, 'A card could not be brought up to date; it is tried again');
    }
  };

  /** Looks at some of the cards that wait, those longest not looked at first. */
  const lookAtSome = async (shown: Shown[]): Promise<void> => {
    const age = ({ ref }: Shown) => (urgent.has(ref.channel) ? -1 : (lookedAt.get(ref.ts) ?? 0));
    const oldest = shown.toSorted((one, other) => age(one) - age(other)).slice(0, LOOKED_AT);
    urgent.clear();
    forget(shown);
    for (const { runId, ref } of oldest) {
      if (stopped) return;
      lookedAt.set(ref.ts, Date.now());
      const reason = await messenger.lossOf(ref);
      if (!reason || told.has(`${ref.ts} ${reason}`)) continue;
      told.add(`${ref.ts} ${reason}`);
      log.warn({ run: runId, channel: ref.channel, reason }, 'A card is out of reach; its run is told');
      await runs.reportLostCard(runId, ref, reason);
    }
  };

  /** Keeps what is remembered of cards to those that still wait. */
  const forget = (shown: Shown[]) => {
    const waiting = new Set(shown.map(({ ref }) => ref.ts));
    for (const ts of lookedAt.keys()) if (!waiting.has(ts)) lookedAt.delete(ts);
    for (const what of told) if (!waiting.has(what.split(' ')[0] ?? '')) told.delete(what);
  };

  const look = async (): Promise<void> => {
    const unsettled = await ledger.unsettled(new Date(Date.now() - OLDEST_MS).toISOString());
    if (unsettled.size === 0) return;
    const running = await runs.running();
    const waiting: Shown[] = [];
    for (const [runId, ref] of unsettled) {
      if (stopped) return;
      const run = running.has(runId) ? undefined : await runs.describe(runId);
      if (!running.has(runId) && run?.status !== 'RUNNING') await repairLater(runId, run);
      else if (ref) waiting.push({ runId, ref });
    }
    await lookAtSome(waiting);
  };

  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  const next = () => {
    clearTimeout(timer);
    looking = looking
      .then(look)
      .catch((error: unknown) => {
        if (error instanceof RemoteError && error.mendable) {
          log.error(`SLACK_BOT_TOKEN: ${error.message}. Posts wait until a new token is set.`);
        } else log.debug({ err: error }, 'Could not look after the cards just now');
      })
      .then(() => {
        if (!stopped) timer = setTimeout(next, EVERY_MS).unref();
      });
  };
  next();

  return {
    lookAgain(channel) {
      urgent.add(channel);
      next();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

const WHY: Record<string, Extract<CardState, { kind: 'gone' }>['why']> = {
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed-out',
  FAILED: 'failed',
};

interface Repair {
  ref: MessageRef;
  /** What it must show; undefined when it does already. */
  state: CardState | undefined;
  /** Which revision of the plan it shows; undefined: the newest. */
  revision?: number | undefined;
  /** The entry that is repaired. */
  key: string;
}

/** What there is to repair of a run that isn't running. */
function repairsOf(entries: Checkpoint[], run: RunListing | undefined): Repair[] {
  const isOpen = ({ key }: Checkpoint) => !entries.some((other) => other.key === `repaired/${key}`);
  const unshown = entries.filter((entry) => entry.kind === 'unshown' && isOpen(entry));
  const since = entries.findLastIndex(({ kind }) => kind === 'ended' || kind === 'planned');
  const posted = entries.slice(since + 1).filter((entry) => entry.kind === 'posted' && isOpen(entry));
  const ended = since >= 0 && entries[since]?.kind === 'ended';
  const why = run ? WHY[run.status] : 'unknown';
  const state = why && { kind: 'gone' as const, at: new Date().toISOString(), why };
  return [
    ...unshown.map(({ key, data }) => {
      const { card: ref, ...left } = data as { card: MessageRef; state: CardState; revision?: number };
      return { ref, ...left, key };
    }),
    ...(ended ? [] : posted).map(({ key, data }) => ({
      ref: (data as { card: MessageRef }).card,
      state,
      key,
    })),
  ];
}

/** The run's card out of what the ledger knows of it. */
function cardFrom(entries: Checkpoint[], state: CardState, revision?: number): Card | undefined {
  const started = entries.find(({ kind }) => kind === 'started');
  if (!started) return undefined;
  const { goal, requester } = started.data as { goal: string; requester: Person };
  const planned = entries
    .filter(({ kind }) => kind === 'planned')
    .map(({ data }) => data as PlanRevision)
    .findLast((plan) => revision === undefined || plan.revision === revision);
  const { runId } = started;
  return { runId, goal, requester, state, ...(planned && { planned }) };
}
