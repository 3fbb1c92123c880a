import type { Shown } from '../../activities/types.js';
import type { Sealed, ShownCard } from '../../run/card.js';
import type { Checkpoint } from '../../run/event.js';
import type { RunContext } from '../run.js';

/** Lets an activity, for whose end the run waits, write the entries that wait and show the card beside its own work. */
export function carryBeside<T extends Shown & Sealed>(
  { ledger, cardWork }: Pick<RunContext, 'ledger' | 'cardWork'>,
  work: (beside: { entries: Checkpoint[]; show: ShownCard | undefined }) => Promise<T>,
): Promise<T> {
  return ledger.carry((entries) => cardWork.carry((show) => work({ entries, show }), { isAwaited: true }));
}
