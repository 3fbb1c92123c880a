import { RemoteError } from '../../errors.js';
import type { Logger } from '../../log.js';
import type { MessageRef } from '../../run/run.js';
import type { createMessenger } from '../../slack/client/messenger.js';
import type { RunListing, Runs } from '../../temporal/runs.js';
import type { Ledger } from '../index.js';
import { endFor, isOver } from './end-on-record.js';
import { isEnded, type Repair, repairsOf } from './repairs.js';

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
  runs: Pick<Runs, 'running' | 'describe' | 'end' | 'reportLostCard'>;
  messenger: Pick<
    ReturnType<typeof createMessenger>,
    'updateCard' | 'updateInThread' | 'updateNotices' | 'lossOf'
  >;
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
    let entries = await ledger.read(runId);
    if (!isEnded(entries)) {
      // Unless it was tried again between the two.
      if ((await runs.describe(runId))?.attempt !== run?.attempt) return;
      await ledger.append([await endFor(runs, run, entries)]);
      entries = await ledger.read(runId);
    }
    let failed: { error: unknown } | undefined;
    for (const due of repairsOf(entries)) {
      try {
        await bring(due);
        const at = new Date().toISOString();
        const key = `repaired/${due.key}`;
        await ledger.append([{ runId, key, kind: 'repaired', at, data: shownBy(due) }]);
      } catch (error) {
        // One that is out of reach doesn't keep the others as they are.
        failed = { error };
      }
    }
    if (failed) throw failed.error;
  };

  const bring = async (due: Repair): Promise<void> => {
    if (due.what === 'card') await messenger.updateCard(due.ref, due.card);
    else if (due.what === 'thread') await messenger.updateInThread(due.ref, due.message);
    else if (due.what === 'notices') await messenger.updateNotices(due.card, due.at, due.messages);
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
      if (!running.has(runId) && isOver(run)) await repairLater(runId, run);
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
        if (error instanceof RemoteError && error.operatorCanFix) {
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

/** What the entry of a repair says. */
function shownBy(due: Repair): object {
  switch (due.what) {
    case 'card':
      return { card: due.ref, state: due.card.state.kind };
    case 'thread':
      return { card: due.ref, state: due.message.state.kind };
    case 'notices':
      return { messages: due.messages, state: due.card.state.kind };
    case 'nothing':
      return {};
  }
}
