import type { Person } from '../approval/person.js';
import { mayStartRunAgain } from '../run/requester-notice.js';
import { areInChannels, isCertain, maySeeRun } from '../slack/permissions/permissions.js';
import type { UseCasePorts } from './ports.js';
import { memoOf } from './read-story.js';
import type { NewRun } from './start-run.js';

/** Most runs that one person starts again, each after the one before, in a chain. */
const LONGEST_CHAIN = 50;

export type StartAgain =
  | { kind: 'may'; goal: string; run: NewRun }
  /** `not-in-channel`: the person isn't where the plan would be posted, or where the goal was given in a thread. */
  | { kind: 'not-allowed' | 'not-in-channel' | 'not-possible' };

/**
 * Reads what a person starts again: the goal of an ended run, with its thread. `idAfter` derives the new run's id from the last run's, so a second
 * click finds the run that the first one started. Once that run is over, a click starts the next one.
 */
export async function findStartAgain(
  ports: UseCasePorts,
  { shortId, by }: { shortId: string; by: Person },
  idAfter: (shortId: string, about: { goal: string; channel: string }) => string,
): Promise<StartAgain> {
  const { ledger, approvalChannel } = ports;
  const view = await ledger.view(shortId);
  if (!view || !isCertain(await maySeeRun(ports, memoOf(view), by))) return { kind: 'not-allowed' };
  const [started, ended] = await Promise.all([
    ledger.read(shortId, 'started'),
    ledger.read(shortId, 'ended'),
  ]);
  const end = ended.at(-1)?.data;
  const why = end?.state === 'cancelled' ? end.why : undefined;
  if (!mayStartRunAgain(view, why)) return { kind: 'not-possible' };
  const { goal, channel, requester } = view;
  const { thread, followUp, mention } = started.at(-1)?.data ?? {};
  const places = [...(approvalChannel ? [] : [channel]), ...(mention ? [mention.channel] : [])];
  const are = await areInChannels(ports, places, { person: by, requester });
  if (!isCertain(are)) return { kind: 'not-in-channel' };
  let next = shortId;
  for (let length = 0; length < LONGEST_CHAIN; length += 1) {
    next = idAfter(next, { goal, channel });
    // Of an erased run only the entries are left. Temporal may still know it, and would start nothing.
    const last = await ledger.view(next);
    const isUsed = last ? last.end !== undefined : (await ledger.stored(next)).length > 0;
    if (isUsed) continue;
    const given = { ...(thread && { thread }), ...(followUp && { followUp }), ...(mention && { mention }) };
    const origin = { channel, ...(thread && { thread }) };
    return { kind: 'may', goal, run: { shortId: next, requester: by, origin, ...given } };
  }
  return { kind: 'not-possible' };
}
