import type { ApprovalPolicy } from './policy.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Next moment at which an open item needs attention, in milliseconds since the epoch, and its purpose. */
export interface Due {
  at: number;
  purpose: 'remind' | 'escalate' | 'refresh' | 'expire';
}

/** Timers of an open item. Moments are in milliseconds since the epoch. */
export interface Timers {
  policy: ApprovalPolicy;
  postedAt: number;
  expiresAt: number;
  /** Moments up to this one are done. */
  doneUntil: number;
  /** True if the message shows the time left. The message is then updated whenever that text changes. */
  showsTimeLeft: boolean;
}

/**
 * Finds the next moment of an item: a reminder, the escalation, a change of the time left on the card, or the expiry. The expiry precedes
 * others at the same moment.
 *
 * After an outage only the last missed reminder is due, and none once the item has expired.
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

/** Times left at which the text on a card changes, in milliseconds; longer times change at whole days. */
const BOUNDS = [DAY, 4 * HOUR, HOUR];

function refreshes(expiresAt: number, doneUntil: number): Due[] {
  const days = Math.ceil((expiresAt - doneUntil) / DAY) - 1;
  const bounds = days > 1 ? [days * DAY, ...BOUNDS] : BOUNDS;
  return bounds.map((left) => ({ at: expiresAt - left, purpose: 'refresh' as const }));
}

/** The time left, in a text that stays true until the next update: "less than 3 days". */
export function timeLeft(ms: number): string {
  if (ms <= HOUR) return 'less than an hour';
  if (ms <= 4 * HOUR) return 'less than 4 hours';
  const days = Math.ceil(ms / DAY);
  return days <= 1 ? 'less than a day' : `less than ${days} days`;
}
