import { uuid4 } from '@temporalio/workflow';
import type { Decision } from '../../approval/decision.js';
import type { Refusal } from '../../approval/judge.js';
import type { RequestItem, RunRequest } from '../../run/request.js';
import { policyOfNextRequest, type Run, type RunContext } from '../run.js';
import { type ItemMessage, OpenItem } from './open-item.js';

/** The requests of a run that wait for people, or have waited. They may be open side by side. */
export class Requests {
  readonly #items: OpenItem[] = [];
  #closedWith: Refusal | undefined;

  /** Items that wait. */
  get waiting(): OpenItem[] {
    return this.#items.filter(({ closedWith }) => !closedWith);
  }

  add(open: OpenItem): void {
    this.#items.push(open);
  }

  find(requestId: string, itemId: string): OpenItem | undefined {
    return this.#items.find(({ ref: { request, item } }) => request === requestId && item === itemId);
  }

  /** Takes no more decisions; later ones are refused with this. */
  closeAll(closedWith: Refusal): void {
    for (const open of this.waiting) open.close(closedWith);
    this.#closedWith = closedWith;
  }

  /** Refusal of a decision about an item that doesn't wait. */
  refusalOf(decision: Decision, named: OpenItem | undefined): Refusal {
    const newest = this.waiting.at(-1)?.request;
    if (newest && decision.revision < newest.revision) {
      return { reason: 'stale-revision', current: newest.revision };
    }
    const all = newest ? undefined : this.#closedWith;
    if (all?.reason === 'over') return all;
    return named?.closedWith ?? all ?? { reason: 'other-request' };
  }
}

/** Makes an item that waits from now on, by the policy of the run's next request unless it has its own. */
export function newItem(
  run: Run,
  item: Omit<RequestItem, 'policy' | 'votes' | 'expiresAt' | 'editors' | 'outcome'>,
  policy = policyOfNextRequest(run),
): RequestItem {
  const { editors } = run.resume;
  const expiresAt = new Date(Date.now() + policy.expiresAfterMs).toISOString();
  return { ...item, policy, votes: [], expiresAt, ...(editors && { editors }) };
}

/**
 * Puts a request on record. It takes decisions about its items from now on, even while their messages are still being posted: they are judged
 * once these are.
 */
export function openRequest(
  context: RunContext,
  items: RequestItem[],
  messageOf: (request: RunRequest, item: RequestItem) => ItemMessage,
): OpenItem[] {
  const { run, ledger, requests } = context;
  const request = { id: uuid4(), revision: run.planned?.revision ?? 0, items };
  ledger.record('requested', { ...request, items: items.map((item) => ({ ...item })) });
  return items.map((item) => {
    const open = new OpenItem(context, request, item, messageOf(request, item));
    requests.add(open);
    return open;
  });
}
