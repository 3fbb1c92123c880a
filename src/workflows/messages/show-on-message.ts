import { type Card, sealCard } from '../../run/card.js';
import type { MessageRef } from '../../run/message.js';
import type { RequesterNotice } from '../../run/requester-notice.js';
import { persistCheckpoint, updateCard } from '../runtime/activities.js';
import { bestEffort } from '../runtime/best-effort.js';
import type { LedgerWriter } from '../runtime/ledger-writer.js';

/**
 * Brings a message to a card's state. False when that can't be done; the reconciler tries a last state again later. `isCurrent`: the message is the
 * run's card and no copy, so the update carries the entries that wait. `notice`: the requester is told of the end then.
 */
export async function showOnMessage(
  ledger: LedgerWriter,
  ref: MessageRef,
  card: Card,
  { isCurrent, notice }: { isCurrent: boolean; notice?: RequesterNotice | undefined },
): Promise<boolean> {
  const { state, planned } = card;
  const show = { ref, ...(isCurrent && notice && { notice }) };
  const isShown = await bestEffort(() =>
    ledger.isWaiting && isCurrent
      ? ledger.carry((entries) => persistCheckpoint({ entries, show: { ...show, card } }))
      : updateCard({ ...show, card: sealCard(card, ledger.head) }),
  );
  if (isShown) return true;
  const isLast = state.kind !== 'waiting' && state.kind !== 'executing';
  if (isLast) {
    ledger.record('unshown', {
      message: ref,
      state: sealCard(card, ledger.head).state,
      ...(planned && { revision: planned.revision }),
    });
  }
  return false;
}
