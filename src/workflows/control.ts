import { parsePerson } from '../approval/decision.js';
import { type Person, samePerson } from '../approval/person.js';
import { mayApprove } from '../approval/policy.js';
import { isReported, oftenIn } from '../approval/refusals.js';
import { shortHeadline } from '../run/execution/headline.js';
import type { Subject } from '../run/request.js';
import type { Asked, RunSnapshot } from '../run/state.js';
import { lookUpPerson } from './requests/judge-decision.js';
import { policyNow, type RunContext, startOf, tellPrivately } from './run.js';
import { whenIdle } from './runtime/best-effort.js';
import type { LostCard } from './runtime/signals.js';

/** Somebody asks the run to stop: the requester may, and those who may approve. Each person is looked up once at a time. */
export function receiveCancel(context: RunContext, payload: unknown): void {
  const { by: who, clickedOn } = (payload as { by?: unknown; clickedOn?: unknown } | null) ?? {};
  const by = parsePerson(who);
  if (!by || context.cancelling.has(by.user)) return;
  context.cancelling.add(by.user);
  const work = cancel(context, by, typeof clickedOn === 'string' ? clickedOn : 'home');
  context.background.track(work.finally(() => context.cancelling.delete(by.user)));
}

async function cancel(context: RunContext, by: Person, clickedOn: string): Promise<void> {
  const { run, scope, ledger, requests, cards } = context;
  const isOnCard = () => clickedOn === 'home' || cards.isAt(clickedOn);
  if (!isOnCard()) await cards.posting;
  if (!isOnCard()) {
    const times = requests.countRefusals(undefined, by, 'other-message');
    if (!isReported(times)) return;
    ledger.record('refused', { by, reason: 'other-message', ...oftenIn(times) });
    return tellPrivately(context, by, { kind: 'other-message' });
  }
  const { requester } = run.input;
  const may = samePerson(requester, by) ? 'yes' : await mayCancel(context, by);
  if (may === 'yes') {
    run.cancelledBy = by;
    scope.cancel();
    return;
  }
  const times = requests.countRefusals(undefined, by, `cancel ${may}`);
  if (!isReported(times)) return;
  if (may === 'unsure') tellPrivately(context, by, { kind: 'cancel-unsure' });
  else {
    ledger.record('refused', { by, reason: 'cannot-cancel', ...oftenIn(times) });
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

/** People can't see or use a message that asks them: it is posted again. */
export function receiveLostCard({ requests, background }: RunContext, payload: unknown): void {
  const { card, reason } = (payload ?? {}) as Partial<LostCard>;
  const ts = card?.ts;
  const replace = () => {
    if (typeof ts !== 'string' || typeof reason !== 'string') return;
    const open = requests.waiting.find(({ message }) => message.isAt(ts));
    open?.message.replaceLost(open.ref, ts, reason);
  };
  // An execution that continues the run has to wait again first.
  background.track(whenIdle().then(replace));
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
    startedAt: startOf(input),
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

/** A request beside the plan's. */
function questionOf(subject: Subject): Asked[] {
  switch (subject.kind) {
    case 'plan':
      return [];
    case 'tool-call':
      return [{ kind: subject.kind, headline: shortHeadline(subject.call) }];
    case 'question':
      return [{ kind: subject.kind, ...(subject.tool !== undefined && { tool: subject.tool }) }];
    case 'lost-call':
    case 'budget':
      return [{ kind: subject.kind }];
  }
}
