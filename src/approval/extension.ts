import type { Decision } from './decision.js';
import type { ApprovalItem } from './request.js';

/** Longest time that one extension adds, in milliseconds. */
const LONGEST_MS = 30 * 86_400_000;

/** Reason for which an extension is refused, as a clause; undefined for a valid one. */
export function problemOfExtension(
  { expiresAt }: Pick<ApprovalItem, 'expiresAt'>,
  { until = '' }: Pick<Decision, 'until'>,
): string | undefined {
  const addedMs = Date.parse(until) - Date.parse(expiresAt);
  if (!(addedMs > 0)) return 'people already have that much time';
  return addedMs > LONGEST_MS ? 'one extension adds 30 days at most' : undefined;
}
