import type { ApprovalPolicy } from './policy.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Next moment of an item that waits, in milliseconds since the epoch, and its purpose. */
export interface Due {
  at: number;
  purpose: 'remind' | 'escalate' | 'refresh' | 'expire';
}

/** Timers of an item that waits. Moments are in milliseconds since the epoch. */
export interface Timers {
  policy: ApprovalPolicy;
  postedAt: number;
  expiresAt: number;
  /** Moments up to this one have been dealt with. */
  doneUntil: number;
  /** True if the message says how much time is left: then it is drawn again when that changes. */
  showsTimeLeft: boolean;
}

/**
 * The next moment of an item: the reminders and the escalation of the policy, the moments at which the time left on the card changes, and at
 * last the expiry, which comes first among several at one moment. Of several reminders that were missed in an outage only the last is due,
 * and none once the item has expired.
 */
export function nextDue({ policy, postedAt, expiresAt, doneUntil, showsTimeLeft }: Timers, now: number): Due {
  const expire: Due = { at: expiresAt, purpose: 'expire' };
  if (now >= expiresAt) return expire;
  const dues: Due[] = [
    ...(policy.escalate ? [{ at: postedAt + policy.escalate.afterMs, purpose: 'escalate' as const }] : []),
    ...(policy.remindAfterMs ?? []).map((after) => ({ at: postedAt + after, purpose: 'remind' as const })),
    ...(showsTimeLeft ? refreshes(expiresAt, doneUntil) : []),
  ];
  const open = dues
    .filter(({ at }) => at > doneUntil && at < expiresAt)
    .toSorted((one, other) => one.at - other.at);
  const missed = open.findLast(({ purpose, at }) => purpose === 'remind' && at <= now);
  return open.find(({ purpose, at }) => !missed || purpose === 'escalate' || at >= missed.at) ?? expire;
}

/** Times left at which the words on a card change: whole days, then these, in milliseconds. */
const BOUNDS = [DAY, 4 * HOUR, HOUR];

function refreshes(expiresAt: number, doneUntil: number): Due[] {
  const days = Math.ceil((expiresAt - doneUntil) / DAY) - 1;
  const bounds = days > 1 ? [days * DAY, ...BOUNDS] : BOUNDS;
  return bounds.map((left) => ({ at: expiresAt - left, purpose: 'refresh' as const }));
}

/** The time left, in words that stay true until the next refresh: "less than 3 days". */
export function timeLeft(ms: number): string {
  if (ms <= HOUR) return 'less than an hour';
  if (ms <= 4 * HOUR) return 'less than 4 hours';
  const days = Math.ceil(ms / DAY);
  return days <= 1 ? 'less than a day' : `less than ${days} days`;
}
