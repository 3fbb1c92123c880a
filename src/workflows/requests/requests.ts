import { uuid4 } from '@temporalio/workflow';
import type { Decision } from '../../approval/decision.js';
import type { Refusal } from '../../approval/judge.js';
import { type Person, samePerson } from '../../approval/person.js';
import type { ToolCall } from '../../run/execution/tools.js';
import type { WaitingItem, Waits } from '../../run/input.js';
import type { RequestItem, RunRequest, Subject } from '../../run/request.js';
import { policyOfNextRequest, type Run, type RunContext } from '../run.js';
import { type ItemMessage, OpenItem } from './open-item.js';

/** A person has so many different decisions about an item in line; further ones are refused. */
export const MOST_IN_LINE = 5;

/** True if two decisions say the same, whenever they were given. */
export function isSameContent(one: Decision, other: Decision): boolean {
  return contentOf(one) === contentOf(other);
}

function contentOf({ at: _, slackAt: __, by: ___, ...content }: Decision): string {
  return JSON.stringify(content);
}

/** The requests of a run that wait for people, or have waited. They may be open side by side. */
export class Requests {
  readonly #items: OpenItem[] = [];
  #closedWith: Refusal | undefined;
  /** Items that waited when the run continued as new, until somebody goes on waiting for them. */
  readonly #carried: WaitingItem[];
  readonly #closedBefore: Waits['closed'];
  readonly #decidedBefore: Waits['decided'];
  readonly #refusals: Map<string, number>;

  /** Decisions that came while the run continues as new; unset at any other time. */
  #held: Decision[] | undefined;

  constructor(waits?: Waits) {
    const { items = [], closed = [], decided = [], refusals = {} } = waits ?? {};
    this.#held = waits && [...waits.held];
    this.#carried = [...items];
    this.#closedBefore = closed;
    this.#decidedBefore = decided;
    this.#refusals = new Map(Object.entries(refusals));
  }

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

  /** Holds decisions from now on. The next execution of the run judges them, or this one once they are released. */
  startHolding(): void {
    this.#held ??= [];
  }

  /** True if decisions are held, this one too. A person's repeated decision is held once, and only so many about one item. */
  hold(decision: Decision): boolean {
    const own = this.#held?.filter(({ by }) => samePerson(by, decision.by));
    if (!own) return false;
    const about = this.#firstItemOf(decision);
    const inLine = own.filter((other) => this.#firstItemOf(other) === about);
    const isHeld = own.some((other) => isSameContent(other, decision));
    if (!isHeld && inLine.length < MOST_IN_LINE) this.#held?.push(decision);
    return true;
  }

  /** First item of a decision that the run knows. The unknown ones are as one, so that nobody fills the line with ids of their own. */
  #firstItemOf({ request, items }: Decision): string | undefined {
    const known = items.find(
      ({ id }) =>
        this.find(request, id) ??
        this.#carried.find((carried) => carried.request === request && carried.item.id === id) ??
        this.#closedBefore.find((closed) => closed.request === request && closed.item === id),
    );
    return known && `${request}/${known.id}`;
  }

  /** Ends the holding; returns the decisions. */
  release(): Decision[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    return held;
  }

  /** True if an item about this subject waited when the run continued as new, and nobody has gone on waiting for it. */
  isCarried(subject: Subject): boolean {
    return this.#findCarried(subject) >= 0;
  }

  /** Takes the item over that was about the same subject when the run continued as new. */
  takeCarried({ subject }: RequestItem): WaitingItem | undefined {
    const index = this.#findCarried(subject);
    return index < 0 ? undefined : this.#carried.splice(index, 1)[0];
  }

  #findCarried(subject: Subject): number {
    const wanted = JSON.stringify(subject);
    return this.#carried.findIndex(({ item }) => JSON.stringify(item.subject) === wanted);
  }

  /** Items of a request that were decided before the run continued as new. */
  decidedBefore(requestId: string): RequestItem[] {
    return this.#decidedBefore.flatMap(({ request, item }) => (request === requestId ? item : []));
  }

  /** State of the requests that wait, for the execution that continues the run. */
  carry(): Omit<Waits, 'turn'> {
    const items = this.waiting.flatMap((open) => open.carry() ?? []);
    const isAsked = (id: string) => items.some(({ request }) => request === id);
    const closed = this.#items.flatMap(({ ref, closedWith }) =>
      closedWith ? { ...ref, refusal: closedWith } : [],
    );
    const decided = this.#items.flatMap(({ ref: { request }, item }) =>
      item.outcome ? { request, item } : [],
    );
    return {
      items,
      closed: [...this.#closedBefore, ...closed].filter(({ request }) => isAsked(request)),
      decided: [...this.#decidedBefore, ...decided].filter(({ request }) => isAsked(request)),
      refusals: Object.fromEntries(this.#refusals),
      held: this.#held ?? [],
    };
  }

  /** Counts refusals of this kind by this person about an item; returns how many there were. Unknown items count as one. */
  countRefusals(open: OpenItem | undefined, by: Person | undefined, what: string, more = 1): number {
    const key = [open?.ref.request, open?.ref.item, by?.user, what].join('/');
    const times = (this.#refusals.get(key) ?? 0) + more;
    this.#refusals.set(key, times);
    return times;
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
    const isNamed = (item: string) => decision.items.some(({ id }) => id === item);
    const before = this.#closedBefore.find(
      ({ request, item }) => request === decision.request && isNamed(item),
    );
    return named?.closedWith ?? all ?? before?.refusal ?? { reason: 'other-request' };
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

/** Adds those who edited a call to the editors of an item about it. Under four eyes they don't decide about it. */
export function withEditorsOf(call: ToolCall | undefined, item: RequestItem): RequestItem {
  return call?.edited ? { ...item, editors: [...(item.editors ?? []), ...call.edited.by] } : item;
}

/**
 * Puts a request on record. It takes decisions about its items from now on, even while their messages are still being posted: they are judged
 * once these are. An item that waited when the run continued as new goes on as it was.
 */
export function openRequest(
  context: RunContext,
  items: RequestItem[],
  messageOf: (request: RunRequest, item: RequestItem) => ItemMessage,
): OpenItem[] {
  const { run, ledger, requests } = context;
  const carried = items.map((item) => requests.takeCarried(item));
  const fresh = items.filter((_, index) => !carried[index]);
  const request = { id: uuid4(), revision: run.planned?.revision ?? 0, items: fresh };
  if (fresh.length > 0) ledger.record('requested', { ...request, items: fresh.map((item) => ({ ...item })) });
  return items.map((item, index) => {
    const before = carried[index];
    const own = before ? { id: before.request, revision: before.revision, items: [before.item] } : request;
    const asked = before?.item ?? item;
    const open = new OpenItem(context, own, asked, messageOf(own, asked), before);
    requests.add(open);
    return open;
  });
}
