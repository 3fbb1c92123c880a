import { log } from '@temporalio/workflow';
import { type Decision, parseDecision } from '../../approval/decision.js';
import type { Refusal } from '../../approval/judge.js';
import type { Outcome } from '../../approval/request.js';
import type { RequestItem, RunRequest } from '../../run/request.js';
import type { Cards } from '../messages/cards.js';
import type { Run } from '../run.js';
import type { Background } from '../runtime/best-effort.js';
import type { LedgerWriter } from '../runtime/ledger-writer.js';
import { bookReceipt, showOutcome, tellRefused } from './book-receipt.js';
import { judgeDecision } from './judge-decision.js';
import { Notices } from './notices.js';
import { type ItemMessage, OpenItem } from './open-item.js';

/**
 * The requests of a run that wait for people. They may be open side by side; each item has its own votes and its own outcome. A decision about
 * none of them is refused with the end of the item that it names.
 */
export class Requests {
  #items: OpenItem[] = [];
  #closedLast: Refusal = { reason: 'other-request' };

  constructor(
    readonly run: Run,
    readonly ledger: LedgerWriter,
    readonly background: Background,
    readonly cards: Cards,
  ) {}

  /** Items that wait. */
  get waiting(): OpenItem[] {
    return this.#items.filter(({ closedWith }) => !closedWith);
  }

  /** Puts a request on record; its items are opened next. */
  record(request: RunRequest): void {
    this.ledger.record('requested', { ...request, items: request.items.map((item) => ({ ...item })) });
  }

  /** Takes decisions about an item from now on, even while its message is still being posted: they are judged once it is. */
  open(request: RunRequest, item: RequestItem, message: ItemMessage): OpenItem {
    const ref = { request: request.id, item: item.id };
    const notices = new Notices(this.run.input.runId, ref, this.ledger, this.background);
    const open = new OpenItem(request, item, message, notices);
    this.#items.push(open);
    return open;
  }

  /** Handles a signal. It must not throw: a handler that throws wedges the run. */
  receive(payload: unknown): void {
    const decision = parseDecision(payload);
    if (decision) {
      this.background.track(this.#decide(decision));
      return;
    }
    this.ledger.record('refused', { reason: 'malformed' });
    log.warn('A signal was not a decision and was left aside');
  }

  /** Ends an open item without a decision, or by a verdict that holds for it, too. */
  close(open: OpenItem, outcome: Outcome, closedWith: Refusal): void {
    if (open.closedWith) return;
    open.end(outcome, closedWith);
    this.#closedLast = closedWith;
    this.ledger.record('decided', { ...open.ref, outcome });
    showOutcome(open);
  }

  /** Takes no more decisions; later ones are refused with this. */
  closeAll(closedWith: Refusal): void {
    for (const open of this.waiting) open.close(closedWith);
    this.#closedLast = closedWith;
  }

  async #decide(decision: Decision): Promise<void> {
    const refusals: { refusal: Refusal; open?: OpenItem }[] = [];
    const judging: Promise<void>[] = [];
    for (const { id } of decision.items) {
      const open = this.#items.find(({ request, item }) => request.id === decision.request && item.id === id);
      if (!open || open.closedWith) {
        refusals.push({ refusal: this.#refusalOf(decision, open), ...(open && { open }) });
        continue;
      }
      const judged = open.judging.then(() => judgeDecision(this.run, open, decision));
      open.judging = judged.then((receipt) => {
        if (open.closedWith) this.#closedLast = open.closedWith;
        bookReceipt(this, open, decision, receipt);
        if (!receipt.accepted) refusals.push({ refusal: receipt.refusal, open });
      });
      judging.push(open.judging);
    }
    await Promise.all(judging);
    const [first] = refusals;
    if (first) tellRefused(this, decision, first.refusal, first.open);
  }

  /** Refusal of a decision about an item that doesn't wait. */
  #refusalOf(decision: Decision, named: OpenItem | undefined): Refusal {
    const newest = this.waiting.at(-1)?.request;
    const closed = named?.closedWith;
    if (!newest) return closed && this.#closedLast.reason !== 'over' ? closed : this.#closedLast;
    if (decision.revision < newest.revision) return { reason: 'stale-revision', current: newest.revision };
    return closed ?? { reason: 'other-request' };
  }
}
