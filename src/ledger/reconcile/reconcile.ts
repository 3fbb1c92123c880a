import { RemoteError } from '../../platform/errors.js';
import type { Logger } from '../../platform/log.js';
import { withTimeout } from '../../platform/with-timeout.js';
import type { Card } from '../../run/card.js';
import { type Checkpoint, checkpoint, type EventData } from '../../run/event.js';
import { DELETED, type DecisionMessage, type MessageRef, type ThreadMessage } from '../../run/message.js';
import { viewOf } from '../../run/run-view.js';
import type { ExecutionEnd } from '../../run/summary.js';
import { warnOf } from '../../telemetry/warnings.js';
import type { Ledger, LedgerEntry } from '../index.js';
import { REPAIRED_FOR_MS } from '../views/tables.js';
import { type Execution, endFor, isOver } from './end-on-record.js';
import { goneCard, type Repair, repairsOf } from './repairs.js';

/** Time between two rounds, in milliseconds. */
const EVERY_MS = 30_000;
/** Number of messages of waiting runs that each round checks. Slack allows about 50 such calls a minute. */
const CARDS_A_ROUND = 10;
/** Delay before a failed repair is retried, in milliseconds; it doubles each time. */
const RETRY_MS = { first: EVERY_MS, most: 3_600_000 };
/** Slack's clock and ours may differ by this much, in milliseconds. */
const CLOCK_SKEW_MS = 60_000;
/** Longest wait of a stop for the round, in milliseconds. A repair that is cut off is made again after the start. */
const STOP_WITHIN_MS = 2_000;

export interface Reconciler {
  /** Begins the regular rounds, one of them now. */
  start(): void;
  /** Looks now at the messages of a channel that ask people. Any process may do so. */
  lookAt(channel: string): void;
  stop(): Promise<void>;
}

interface Parts {
  ledger: Pick<Ledger, 'unsettled' | 'read' | 'append'>;
  runs: {
    /** Ids of all running runs by Temporal's visibility, which may lack a new run for a moment. */
    running(): Promise<Set<string>>;
    /** The newest execution of a run; undefined when Temporal doesn't know the run. */
    describe(shortId: string): Promise<Execution | undefined>;
    end(shortId: string): Promise<ExecutionEnd>;
    /** Signals to a run that people can't see or use its card. */
    reportLostCard(shortId: string, card: MessageRef, reason: string): Promise<boolean>;
  };
  messenger: {
    updateCard(input: { ref: MessageRef; card: Card }): Promise<void>;
    updateInThread(input: { ref: MessageRef; message: ThreadMessage }): Promise<unknown>;
    tellRequester(
      input: { card: Card; at?: MessageRef; thread?: MessageRef },
      once: { key: string; lookSince: number },
    ): Promise<void>;
    updateNotices(input: { message: DecisionMessage; at: MessageRef; notices: MessageRef[] }): Promise<void>;
    /** Reason why people can't see or use a message; undefined when they can. */
    findCardLoss(ref: MessageRef): Promise<string | undefined>;
  };
  log: Logger;
}

/** A message in which a run asks people: its card, or one in the thread. */
interface OpenMessage {
  shortId: string;
  ref: MessageRef;
}

/**
 * Repairs messages that the runs can't repair themselves, at the start and in regular rounds. One process makes the rounds, and several at once
 * would do no harm: state in memory only saves calls.
 *
 * - A card whose run was ended in Temporal's UI, or is unknown to Temporal, shows that and loses its buttons. Its requester is told.
 * - A message that could not be updated gets its last state.
 * - A run learns that a message which asks people was deleted, or that its channel is out of reach. So the run asks them again.
 */
export function createReconciler(parts: Parts): Reconciler {
  const { ledger, runs, messenger, log } = parts;
  const checkedAt = new Map<string, number>();
  const reported = new Set<string>();
  const retries = new Map<string, { at: number; waitMs: number }>();
  let stopped = true;

  const repair = async (shortId: string, execution: Execution | undefined): Promise<void> => {
    // The ledger is read after Temporal, so a run that has just ended by itself has its end here.
    let events = await ledger.read(shortId);
    if (viewOf(events)?.end === undefined) {
      // The run may have been retried between the two reads.
      if ((await runs.describe(shortId))?.executionId !== execution?.executionId) return;
      const end = await endFor(runs, execution, { shortId, sequence: events.at(-1)?.sequence ?? 0 });
      if (end.kind === 'ended' && end.data.state === 'gone') await tellRequester(shortId, events, end);
      await ledger.append([end]);
      events = await ledger.read(shortId);
    }
    const failures: unknown[] = [];
    for (const due of repairsOf(events)) {
      try {
        const data = (await bringUpToDate(due)) ? shownBy(due) : { messages: [], state: 'deleted' };
        const key = `repaired/${due.key}`;
        await ledger.append([checkpoint({ kind: 'repaired', data }, { shortId, key })]);
      } catch (error) {
        // One unreachable message must not block the other repairs.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures.at(-1);
  };

  /** Tells the requester of an end from outside, before that is on record. A second attempt finds the line of the first one. */
  const tellRequester = async (shortId: string, events: LedgerEntry[], end: Checkpoint): Promise<void> => {
    const gone = goneCard([...events, end]);
    if (!gone) return;
    const lookSince = Date.parse(events.at(-1)?.at ?? end.at) - CLOCK_SKEW_MS;
    const once = { key: `${shortId}/${end.key}`, lookSince };
    await messenger.tellRequester({ ...gone, ...(gone.at && { thread: gone.at }) }, once);
  };

  /** False for a deleted message, which needs no repair. */
  const bringUpToDate = async (due: Repair): Promise<boolean> => {
    try {
      if (due.kind === 'card') await messenger.updateCard({ ref: due.ref, card: due.message });
      else if (due.kind === 'thread') await messenger.updateInThread({ ref: due.ref, message: due.message });
      else if (due.kind === 'notices') await messenger.updateNotices(due);
      return true;
    } catch (error) {
      if (!(error instanceof RemoteError && DELETED.has(error.code))) throw error;
      return false;
    }
  };

  const repairUnlessTooSoon = async (shortId: string, execution: Execution | undefined): Promise<void> => {
    const retry = retries.get(shortId);
    if (retry && retry.at > Date.now()) return;
    try {
      await repair(shortId, execution);
      retries.delete(shortId);
    } catch (error) {
      const waitMs = retry ? Math.min(retry.waitMs * 2, RETRY_MS.most) : RETRY_MS.first;
      retries.set(shortId, { at: Date.now() + waitMs, waitMs });
      warnOf('card-update', error, 'A card could not be updated; the update will be retried', {
        run: shortId,
      });
    }
  };

  /** Checks some of the open messages, least recently checked first. */
  const checkSome = async (cards: OpenMessage[], isStopped: () => boolean): Promise<void> => {
    const age = ({ ref }: OpenMessage) => checkedAt.get(ref.ts) ?? 0;
    const oldest = cards.toSorted((one, other) => age(one) - age(other)).slice(0, CARDS_A_ROUND);
    for (const { shortId, ref } of oldest) {
      if (isStopped()) return;
      checkedAt.set(ref.ts, Date.now());
      const reason = await messenger.findCardLoss(ref);
      if (!reason || reported.has(`${ref.ts} ${reason}`)) continue;
      log.warn(
        { run: shortId, channel: ref.channel, reason },
        'A message that asks people is out of reach; its run will ask them again',
      );
      await runs.reportLostCard(shortId, ref, reason);
      reported.add(`${ref.ts} ${reason}`);
    }
  };

  const forgetAllBut = (cards: OpenMessage[]) => {
    const open = new Set(cards.map(({ ref }) => ref.ts));
    for (const ts of checkedAt.keys()) if (!open.has(ts)) checkedAt.delete(ts);
    for (const report of reported) if (!open.has(report.split(' ')[0] ?? '')) reported.delete(report);
  };

  const readUnsettled = () => ledger.unsettled(new Date(Date.now() - REPAIRED_FOR_MS).toISOString());

  const reconcile = async (): Promise<void> => {
    const unsettled = await readUnsettled();
    if (unsettled.length === 0) return;
    const running = await runs.running();
    const open: OpenMessage[] = [];
    for (const { shortId, messages } of unsettled) {
      if (stopped) return;
      const execution = running.has(shortId) ? undefined : await runs.describe(shortId);
      if (!running.has(shortId) && isOver(execution)) await repairUnlessTooSoon(shortId, execution);
      else open.push(...messages.map((ref) => ({ shortId, ref })));
    }
    forgetAllBut(open);
    await checkSome(open, () => stopped);
  };

  const checkChannel = async (channel: string): Promise<void> => {
    const asking = (await readUnsettled()).flatMap(({ shortId, messages }) =>
      messages.filter((ref) => ref.channel === channel).map((ref) => ({ shortId, ref })),
    );
    if (asking.length === 0) return;
    const running = await runs.running();
    await checkSome(
      asking.filter(({ shortId }) => running.has(shortId)),
      () => false,
    );
  };

  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  /** The rounds that were begun last. */
  let current: object = {};
  /** Does work after the round, or another look, that was begun before. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    round = round.then(work).catch((error: unknown) => {
      if (error instanceof RemoteError && error.operatorCanFix) {
        log.error(
          `${error.message}. Posts wait until that is mended, with a new SLACK_BOT_TOKEN for example.`,
        );
      } else warnOf('card-check', error, 'The cards could not be checked; they are in the next round');
    });
    return round;
  };
  const next = (rounds: object) => {
    void inTurn(reconcile).then(() => {
      if (!stopped && rounds === current) timer = setTimeout(next, EVERY_MS, rounds).unref();
    });
  };

  return {
    start() {
      stopped = false;
      current = {};
      next(current);
    },
    lookAt(channel) {
      void inTurn(() => checkChannel(channel));
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await withTimeout(
        STOP_WITHIN_MS,
        () => round,
        () => undefined,
      );
    },
  };
}

function shownBy(due: Repair): EventData['repaired'] {
  if (due.kind === 'nothing') return { messages: [], state: 'unknown' };
  const { message } = due;
  const state = 'state' in message ? message.state.kind : (message.item.outcome?.kind ?? 'waiting');
  return { messages: due.kind === 'notices' ? due.notices : [due.ref], state };
}
