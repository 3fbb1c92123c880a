import type { ApprovalPolicy } from './policy.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What a waiting request is due for next, and when (milliseconds since the epoch). */
export interface Due {
  at: number;
  what: 'remind' | 'escalate' | 'refresh' | 'expire';
}

/** A request that waits. Moments are in milliseconds since the epoch. */
export interface Waiting {
  policy: ApprovalPolicy;
  postedAt: number;
  expiresAt: number;
  /** What was done up to then is not due again. */
  doneUntil: number;
  /** False: its message doesn't say how much time is left, so it isn't drawn again for that. @default true */
  showsTimeLeft?: boolean;
}

/**
 * What comes next: the reminders and the escalation of the policy, the moments at which the time left on the card changes,
 * and at last the expiry. Of what falls on the same moment the expiry comes first: it ends the rest. `now`: of several reminders that
 * were missed in an outage only the last is due, and none once it has expired. Before 0.4 each was made up for.
 */
export function nextDue(waiting: Waiting, now?: number): Due {
  const { policy, postedAt, expiresAt, doneUntil, showsTimeLeft = true } = waiting;
  const expire: Due = { at: expiresAt, what: 'expire' };
  if (now !== undefined && now >= expiresAt) return expire;
  const dues: Due[] = [
    ...(policy.escalate ? [{ at: postedAt + policy.escalate.afterMs, what: 'escalate' as const }] : []),
    ...(policy.remindAfterMs ?? []).map((after) => ({ at: postedAt + after, what: 'remind' as const })),
    ...(showsTimeLeft ? refreshes(expiresAt, doneUntil) : []),
  ];
  const next = dues
    .filter(({ at }) => at > doneUntil && at < expiresAt)
    .toSorted((one, other) => one.at - other.at);
  const missed = next.findLast(({ what, at }) => what === 'remind' && now !== undefined && at <= now);
  return next.find(({ what, at }) => !missed || what === 'escalate' || at >= missed.at) ?? expire;
}

/** A card says that less than so much is left: whole days, then these, in milliseconds. */
const BOUNDS = [DAY, 4 * HOUR, HOUR];

function refreshes(expiresAt: number, doneUntil: number): Due[] {
  const days = Math.ceil((expiresAt - doneUntil) / DAY) - 1;
  const bounds = days > 1 ? [days * DAY, ...BOUNDS] : BOUNDS;
  return bounds.map((left) => ({ at: expiresAt - left, what: 'refresh' as const }));
}

/** The time left in words that stay true until the next refresh: "less than 3 days". */
export function timeLeft(ms: number): string {
  if (ms <= HOUR) return 'less than an hour';
  if (ms <= 4 * HOUR) return 'less than 4 hours';
  const days = Math.ceil(ms / DAY);
  return days <= 1 ? 'less than a day' : `less than ${days} days`;
}
