import { condition, log, sleep, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { Sealed } from '../../run/card.js';
import {
  type Checkpoint,
  type EventData,
  type EventKind,
  type LedgerHead,
  type PostedEvent,
  type PostedItems,
  postedEntry,
  type RunEvent,
  startedKey,
} from '../../run/event.js';
import type { MessageRef } from '../../run/message.js';
import { persistCheckpoint } from './activities.js';
import { type Background, Sequence, whenIdle } from './best-effort.js';

/** Events that wait for a later event, or for an activity that carries them. A write of its own costs an activity. */
const HELD: ReadonlySet<EventKind> = new Set([
  'started',
  'searched',
  'planned',
  'requested',
  'granted',
  'turned',
  'tool-called',
  'executed',
  'continued',
  'ended',
]);

/** Shortest pause before a call is made again that found the ledger away. */
const AWAY_PAUSE = '3 seconds';

/** Events after which people wait for a decision: the memo gets the chain's head. */
const WAITING: ReadonlySet<EventKind> = new Set([
  'posted',
  'voted',
  'lapsed',
  'extended',
  'escalated',
  'refused',
]);

/**
 * Writes a run's events into the ledger, in order, beside the story. An activity that does something else at that moment carries them. The head of
 * the chain is kept in the run's memo while people wait, and at the end.
 */
export class LedgerWriter {
  /** Recorded, in order, and not known to be on disk. Each write has all of them, so writes at the same time keep the order. */
  #waiting: Checkpoint[] = [];
  /** Those of them that an activity is writing. */
  #carried = new Set<Checkpoint>();
  #entries = 0;
  /** Keys of the entries that are on disk. */
  #written = new Set<string>();
  readonly #writes: Sequence;
  #isScheduled = false;
  #head: LedgerHead | undefined;
  /** Length of the chain by the memo. */
  #inMemo = 0;
  /** The run's end is on disk. */
  #isOver = false;

  constructor(
    readonly shortId: string,
    readonly background: Background,
  ) {
    this.#writes = new Sequence(background);
  }

  /** Head of the chain. Unknown while entries wait. */
  get head(): Sealed {
    return this.#head && this.#waiting.length === 0 ? { head: this.#head } : {};
  }

  /** True while entries wait that no activity is writing. */
  get isWaiting(): boolean {
    return this.#waiting.some((entry) => !this.#carried.has(entry));
  }

  /** Puts an event on record. Nobody waits for the ledger. */
  record<K extends EventKind>(kind: K, data: EventData[K]): void {
    this.add(this.draft(kind, data));
  }

  /** Makes the entry of an event that is going to happen. `add` puts it on record. */
  draft<K extends EventKind>(kind: K, data: EventData[K]): Checkpoint {
    const key = this.#newKey(kind);
    return { kind, data, key, shortId: this.shortId, at: new Date().toISOString() } as Checkpoint;
  }

  add(entry: Checkpoint): void {
    this.#waiting.push(entry);
    if (!isHeld(entry)) this.#schedule();
  }

  /** Writes what waits, in an activity of its own. */
  flush(): void {
    if (!this.isWaiting) return;
    this.#writes.add(async () => {
      if (!this.isWaiting) return;
      const entries = [...this.#waiting];
      try {
        this.#confirm(entries, await persistCheckpoint({ entries }));
      } catch (error) {
        // The ledger refused them for good, or for three days. The run must still be able to end.
        this.#waiting = this.#waiting.filter((entry) => !entries.includes(entry));
        throw error;
      }
    });
  }

  /** Waits until the ledger has taken what waits, after an activity that needs it there found it away. */
  async retry(): Promise<void> {
    this.flush();
    await sleep(AWAY_PAUSE);
    await condition(() => this.#writes.isIdle);
  }

  /**
   * Lets an activity write the waiting entries beside its own work. Entries that it couldn't write are written later.
   *
   * @param work Gets the entries; resolves without a head when they were not written.
   * @param eventOf Makes the entry of the event that this work is, as the activity wrote it. The event is on record once the work is done.
   */
  async carry<T extends Sealed>(
    work: (entries: Checkpoint[]) => Promise<T>,
    eventOf?: (done: T) => Checkpoint,
  ): Promise<T> {
    const entries = [...this.#waiting];
    for (const entry of entries) this.#carried.add(entry);
    let written = entries;
    try {
      const done = await work(entries);
      if (eventOf) {
        const event = eventOf(done);
        this.#waiting.push(event);
        written = [...entries, event];
      }
      this.#confirm(written, done);
      return done;
    } finally {
      for (const entry of entries) this.#carried.delete(entry);
      if (written.some((entry) => this.#waiting.includes(entry))) this.flush();
    }
  }

  /** Posts a message that asks people; the activity writes what waits, and the event `posted`. */
  async carryPost(
    ref: PostedItems,
    post: (booking: {
      entries: Checkpoint[];
      posted: PostedEvent;
    }) => Promise<{ message: MessageRef } & Sealed>,
  ): Promise<MessageRef> {
    const posted = { ...ref, key: this.#newKey('posted'), at: new Date().toISOString() };
    const { message } = await this.carry(
      (entries) => post({ entries, posted }),
      (done) => postedEntry(posted, this.shortId, done.message),
    );
    return message;
  }

  #newKey(kind: EventKind): string {
    const { runId: executionId } = workflowInfo();
    this.#entries += 1;
    return kind === 'started' ? startedKey(executionId) : `${executionId}/${this.#entries}`;
  }

  /** Entries that nothing carries are written when the workflow has nothing else to do. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.background.attempt(async () => {
      await whenIdle();
      this.#isScheduled = false;
      this.flush();
    });
  }

  #confirm(entries: Checkpoint[], { head }: Sealed): void {
    if (!head) return;
    this.#waiting = this.#waiting.filter((entry) => !entries.includes(entry));
    for (const { key } of entries) this.#written.add(key);
    // Writes that were made one after the other may be confirmed in another order.
    if (head.sequence > (this.#head?.sequence ?? 0)) this.#head = head;
    const sequence = this.#head?.sequence ?? 0;
    if (sequence < this.#written.size) {
      log.error('The ledger has fewer entries of this run than were written into it', {
        run: this.shortId,
        entries: sequence,
        written: this.#written.size,
      });
    }
    // Writes that share a commit all get the head after it. So a head may be known before the write that keeps it in the memo is confirmed.
    this.#isOver ||= entries.some(({ kind }) => kind === 'ended');
    const isKept = this.#isOver || isForMemo(entries);
    if (!isKept || !this.#head || this.#head.sequence <= this.#inMemo) return;
    this.#inMemo = this.#head.sequence;
    upsertMemo({ ledgerHead: this.#head });
  }
}

function isHeld(event: RunEvent): boolean {
  // Until a run that is tried again is on record, the ledger says that it failed.
  if (event.kind === 'started') return event.data.retriedBy === undefined;
  // Another revision, the execution, the approved call or the end follows at once.
  if (event.kind === 'decided' && (event.data.item === 'plan' || event.data.outcome.kind === 'approve'))
    return true;
  return HELD.has(event.kind);
}

/** True when people wait after these entries. */
function isForMemo(entries: Checkpoint[]): boolean {
  const kinds = entries.map(({ kind }) => kind);
  return kinds.some((kind) => WAITING.has(kind)) && !kinds.includes('decided');
}
