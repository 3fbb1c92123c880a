import { CancellationScope, log, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { Checkpoint, LedgerHead } from '../run/run.js';
import { persistCheckpoint, persistCheckpointSoon } from './activities.js';
import { type Background, quietly } from './background.js';

/** What the run writes into the ledger, in order, beside what people wait for; the end of its chain is kept in the run's memo. */
export class LedgerWriter {
  #kept: Checkpoint[] = [];
  /** Handed over, and not known to be on disk. */
  #unconfirmed: Checkpoint[] = [];
  #entries = 0;
  /** The keys of those that the ledger said it has. */
  #written = new Set<string>();
  #writing: Promise<void> = Promise.resolve();
  #head: LedgerHead | undefined;
  /** Length of the chain by the memo. */
  #inMemo = 0;

  constructor(
    readonly runId: string,
    readonly background: Background,
  ) {}

  /** Keeps an entry; `write` hands over what was kept. */
  record(kind: Checkpoint['kind'], data: unknown): void {
    this.#entries += 1;
    const key = `${workflowInfo().runId}/${this.#entries}`;
    this.#kept.push({ runId: this.runId, key, kind, at: new Date().toISOString(), data });
  }

  /** `keepHead`: whether the memo is to know where the chain ends then; soon after, it would be written again. */
  write({ keepHead = true } = {}): void {
    const entries = this.#kept;
    if (entries.length === 0) return;
    this.#kept = [];
    this.#unconfirmed.push(...entries);
    this.#writing = this.#writing
      .then(() =>
        quietly(async () => {
          this.#wrote(entries, await persistCheckpoint(entries), keepHead);
        }),
      )
      .then(() => {});
    this.background.track(this.#writing);
  }

  /**
   * Writes all that is not on disk yet and says where the chain ends. Undefined when the ledger is away: then it is written
   * later, and whoever waits for the card doesn't wait for the ledger.
   */
  async seal(): Promise<LedgerHead | undefined> {
    const fresh = this.#kept;
    const entries = [...this.#unconfirmed, ...fresh];
    this.#kept = [];
    try {
      const head = await CancellationScope.nonCancellable(() => persistCheckpointSoon(entries));
      this.#wrote(entries, head, true);
      return this.#head;
    } catch {
      this.#kept = [...fresh, ...this.#kept];
      this.write();
      return undefined;
    }
  }

  #wrote(entries: Checkpoint[], head: LedgerHead | undefined, keepHead: boolean): void {
    this.#unconfirmed = this.#unconfirmed.filter((entry) => !entries.includes(entry));
    for (const { key } of entries) this.#written.add(key);
    if (head && head.sequence < this.#written.size) {
      log.error('The ledger has fewer entries of this run than were written into it', {
        runId: this.runId,
        entries: head.sequence,
        written: this.#written.size,
      });
    }
    // Before 0.3 the ledger didn't say.
    if (!head) return;
    if (head.sequence > (this.#head?.sequence ?? 0)) this.#head = head;
    // Writes that share a commit all hear where it ended: a head may be known before a write that keeps it in the memo is confirmed.
    if (!keepHead || !this.#head || this.#head.sequence <= this.#inMemo) return;
    this.#inMemo = this.#head.sequence;
    upsertMemo({ ledgerHead: this.#head });
  }
}
