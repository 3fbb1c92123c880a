import type { ApprovalPolicy } from './policy.js';

/** Next moment at which an open item needs attention, in milliseconds since the epoch, and its purpose. */
export interface Due {
  at: number;
  purpose: 'remind' | 'escalate' | 'expire';
}

/** Timers of an open item. Moments are in milliseconds since the epoch. */
export interface Timers {
  policy: ApprovalPolicy;
  postedAt: number;
  expiresAt: number;
  /** Moments up to this one are done. */
  doneUntil: number;
}

/**
 * Finds the next moment of an item: a reminder, the escalation, or the expiry. The expiry precedes others at the same moment.
 *
 * After an outage only the last missed reminder is due, and none once the item has expired.
 */
export function nextDue({ policy, postedAt, expiresAt, doneUntil }: Timers, now: number): Due {
  const expire: Due = { at: expiresAt, purpose: 'expire' };
  if (now >= expiresAt) return expire;
  const dues: Due[] = [
    ...(policy.escalate ? [{ at: postedAt + policy.escalate.afterMs, purpose: 'escalate' as const }] : []),
    ...(policy.remindAfterMs ?? []).map((after) => ({ at: postedAt + after, purpose: 'remind' as const })),
  ];
  const open = dues
    .filter(({ at }) => at > doneUntil && at < expiresAt)
    .toSorted((one, other) => one.at - other.at);
  const missed = open.findLast(({ purpose, at }) => purpose === 'remind' && at <= now);
  return open.find(({ purpose, at }) => !missed || purpose === 'escalate' || at >= missed.at) ?? expire;
}
