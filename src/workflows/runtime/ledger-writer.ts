import { CancellationScope, log, upsertMemo, workflowInfo } from '@temporalio/workflow';
import {
  type Checkpoint,
  type EventData,
  type EventKind,
  type LedgerHead,
  type RunEvent,
  startedKey,
} from '../../run/event.js';
import { persistCheckpoint, persistCheckpointSoon } from './activities.js';
import { type Background, Sequence } from './best-effort.js';

/** Events that are written together with the next one that isn't among these: each write is an activity. */
const HELD: ReadonlySet<EventKind> = new Set([
  'started',
  'searched',
  'planned',
  'requested',
  'granted',
  'executed',
  'continued',
  'ended',
]);

/** Writes a run's events into the ledger, in order, beside the story. The end of the chain is kept in the run's memo. */
export class LedgerWriter {
  #kept: Checkpoint[] = [];
  /** Handed over, and not known to be on disk. */
  #unconfirmed: Checkpoint[] = [];
  #entries = 0;
  /** Keys of the entries that are on disk. */
  #written = new Set<string>();
  readonly #writes: Sequence;
  #isScheduled = false;
  #head: LedgerHead | undefined;
  /** Length of the chain by the memo. */
  #inMemo = 0;

  constructor(
    readonly shortId: string,
    readonly background: Background,
  ) {
    this.#writes = new Sequence(background);
  }

  /** Puts an event on record. Nobody waits for the ledger. */
  record<K extends EventKind>(kind: K, data: EventData[K]): void {
    this.#entries += 1;
    const { runId: executionId } = workflowInfo();
    const key = kind === 'started' ? startedKey(executionId) : `${executionId}/${this.#entries}`;
    const entry = { kind, data, key, shortId: this.shortId, at: new Date().toISOString() } as Checkpoint;
    this.#kept.push(entry);
    if (!isHeld(entry)) this.#schedule();
  }

  /** Hands over all that was recorded. */
  flush(): void {
    const entries = this.#kept;
    if (entries.length === 0) return;
    this.#kept = [];
    this.#unconfirmed.push(...entries);
    this.#writes.add(async () => {
      this.#confirm(entries, await persistCheckpoint(entries), !entries.some(isPlanApproval));
    });
  }

  /**
   * Writes all that is not on disk yet; resolves with the end of the chain. Undefined when the ledger is away: then the entries are written
   * later, and whoever waits for the card doesn't wait for the ledger.
   */
  async seal(): Promise<LedgerHead | undefined> {
    const fresh = this.#kept;
    const entries = [...this.#unconfirmed, ...fresh];
    this.#kept = [];
    try {
      const head = await CancellationScope.nonCancellable(() => persistCheckpointSoon(entries));
      this.#confirm(entries, head);
      return this.#head;
    } catch {
      this.#kept = [...fresh, ...this.#kept];
      this.flush();
      return undefined;
    }
  }

  /** Events that are recorded at the same moment are written together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.background.attempt(async () => {
      await Promise.resolve();
      this.#isScheduled = false;
      this.flush();
    });
  }

  #confirm(entries: Checkpoint[], head: LedgerHead, keepInMemo = true): void {
    this.#unconfirmed = this.#unconfirmed.filter((entry) => !entries.includes(entry));
    for (const { key } of entries) this.#written.add(key);
    if (head.sequence < this.#written.size) {
      log.error('The ledger has fewer entries of this run than were written into it', {
        run: this.shortId,
        entries: head.sequence,
        written: this.#written.size,
      });
    }
    if (head.sequence > (this.#head?.sequence ?? 0)) this.#head = head;
    // Writes that share a commit all hear where it ended: a head may be known before a write that keeps it in the memo is confirmed.
    if (!keepInMemo || !this.#head || this.#head.sequence <= this.#inMemo) return;
    this.#inMemo = this.#head.sequence;
    upsertMemo({ ledgerHead: this.#head });
  }
}

function isHeld(event: RunEvent): boolean {
  if (event.kind === 'turned') return event.data.calls.length === 0;
  // Until a run that is tried again is on record, the ledger says that it failed.
  if (event.kind === 'started') return event.data.retriedBy === undefined;
  // Another revision, or the end, follows at once.
  if (event.kind === 'decided' && event.data.item === 'plan') return !isPlanApproval(event);
  return HELD.has(event.kind);
}

/** After the approval of a plan the memo is written with the end of the run. */
function isPlanApproval({ kind, data }: RunEvent): boolean {
  return kind === 'decided' && data.item === 'plan' && data.outcome.kind === 'approve';
}
