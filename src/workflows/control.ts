import { parsePerson } from '../approval/decision.js';
import { needsMembership } from '../approval/judge.js';
import { type Person, samePerson } from '../approval/person.js';
import { groupsOf, mayApprove } from '../approval/policy.js';
import { tellPrivately } from './messages/tell-privately.js';
import { lookUp } from './requests/look-up-membership.js';
import { policyNow, type RunContext } from './run.js';
import type { LostCard } from './runtime/signals.js';

/** Somebody asks the run to stop: the requester may, and those who may approve. */
export function receiveCancel(context: RunContext, payload: unknown): void {
  const by = parsePerson((payload as { by?: unknown } | null)?.by);
  if (by) context.background.track(cancel(context, by));
}

async function cancel({ run, scope, ledger, background }: RunContext, by: Person): Promise<void> {
  const { requester } = run.input;
  const policy = policyNow(run);
  const isRequester = samePerson(requester, by);
  const asksSlack =
    !isRequester && !mayApprove(policy, requester, by) && needsMembership(policy, requester, by);
  const membership = asksSlack ? await lookUp({ groups: groupsOf(policy), person: by, fresh: true }) : {};
  if (isRequester || mayApprove(policyNow(run), requester, by, membership)) {
    run.cancelledBy = by;
    scope.cancel();
    return;
  }
  ledger.record('refused', { by, reason: 'cannot-cancel' });
  tellPrivately(run.input, background, by, { kind: 'cannot-cancel', requester });
}

/** People can't see or use the card while the plan waits: it is posted again. */
export function receiveLostCard({ run, cards }: RunContext, payload: unknown): void {
  const lost = payload as Partial<LostCard> | null;
  const { current: card } = cards;
  if (run.state !== 'waiting' || !card || lost?.card?.ts !== card.ts || typeof lost.reason !== 'string')
    return;
  cards.replaceLost(card, lost.reason);
}
