import { workflowInfo } from '@temporalio/workflow';
import { parsePerson } from '../approval/decision.js';
import { type Person, samePerson } from '../approval/person.js';
import { mayApprove } from '../approval/policy.js';
import type { Subject } from '../run/request.js';
import type { RunSnapshot } from '../run/state.js';
import { lookUpPerson } from './requests/judge-decision.js';
import { policyNow, type RunContext, tellPrivately } from './run.js';
import type { LostCard } from './runtime/signals.js';

/** Somebody asks the run to stop: the requester may, and those who may approve. */
export function receiveCancel(context: RunContext, payload: unknown): void {
  const by = parsePerson((payload as { by?: unknown } | null)?.by);
  if (by) context.background.track(cancel(context, by));
}

async function cancel(context: RunContext, by: Person): Promise<void> {
  const { run, scope, ledger } = context;
  const { requester } = run.input;
  const may = samePerson(requester, by) ? 'yes' : await mayCancel(context, by);
  if (may === 'yes') {
    run.cancelledBy = by;
    scope.cancel();
  } else if (may === 'unsure') tellPrivately(context, by, { kind: 'cancel-unsure' });
  else {
    ledger.record('refused', { by, reason: 'cannot-cancel' });
    tellPrivately(context, by, { kind: 'cannot-cancel', requester });
  }
}

/** `unsure`: Slack could not say. */
async function mayCancel({ run }: RunContext, by: Person): Promise<'yes' | 'no' | 'unsure'> {
  const { requester } = run.input;
  const { groups = {}, person } = await lookUpPerson(policyNow(run), requester, by, { fresh: true });
  if (
    typeof person !== 'string' &&
    mayApprove(policyNow(run), requester, by, { groups, ...(person && { person }) })
  ) {
    return 'yes';
  }
  const isUnsure = person === 'unsure' || (person !== 'unknown' && Object.values(groups).includes(null));
  return isUnsure ? 'unsure' : 'no';
}

/** People can't see or use the card while the plan waits: it is posted again. */
export function receiveLostCard({ run, cards }: RunContext, payload: unknown): void {
  const lost = payload as Partial<LostCard> | null;
  const { current: card } = cards;
  if (run.state !== 'waiting' || !card || lost?.card?.ts !== card.ts || typeof lost.reason !== 'string')
    return;
  cards.replaceLost(card, lost.reason);
}

/** Answer of the query `status`. */
export function snapshotOf({ run, cards, requests }: RunContext): RunSnapshot {
  const { input, state, planned, planItem, decision, failure, resume } = run;
  const { shortId, goal, requester } = input;
  const { current: card } = cards;
  const asking = requests.waiting.flatMap(({ item }) => questionOf(item.subject));
  return {
    ...{ shortId, goal, state, requester },
    policy: policyNow(run),
    startedAt: workflowInfo().runStartTime.toISOString(),
    revision: planned?.revision ?? 0,
    votes: planItem?.item.votes ?? [],
    ...(planned && { planTitle: planned.plan.title }),
    ...(card && { card }),
    ...(state === 'waiting' && planItem && { expiresAt: planItem.item.expiresAt }),
    ...(decision && { decision }),
    ...(failure && { failure }),
    ...(asking.length > 0 && { asking }),
    ...(resume.execution && { spent: resume.execution.spent }),
  };
}

/** A request beside the plan's, in a few words. */
function questionOf(subject: Subject): string[] {
  if (subject.kind === 'plan') return [];
  return [subject.kind === 'tool-call' ? `whether ${subject.call.name} may be called` : 'a question'];
}
