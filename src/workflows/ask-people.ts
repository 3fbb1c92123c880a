import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { ApprovalRequest, Verdict } from '../approval/judge.js';
import { escalated } from '../approval/policy.js';
import { nextDue } from '../approval/request-timers.js';
import type { CardState } from '../run/card.js';
import type { PlanRevision } from '../run/run.js';
import { postCard, remindApprovers } from './activities.js';
import { quietly } from './background.js';
import type { Run } from './run.js';

/**
 * Posts the card of a revision and waits for the verdict: it reminds, escalates and keeps the time left on the card true
 * meanwhile. Decisions count from the moment the card is visible.
 */
export async function askPeople(
  run: Run,
  planned: PlanRevision,
  previous?: PlanRevision,
): Promise<Verdict | 'expired'> {
  const { runId, requester, channel, thread } = run.input;
  const policy = run.policyToAskBy;
  const { editors } = run.resume;
  const request: ApprovalRequest = {
    id: uuid4(),
    revision: planned.revision,
    digest: planned.digest,
    requester,
    policy,
    plan: planned.plan,
    ...(editors && { editors }),
  };
  const now = Date.now();
  const expiry = now + policy.expiresAfterMs;
  run.waiting = { requestId: request.id, policy, postedAt: now, doneUntil: now, expiresAt: expiry };
  const expiresAt = new Date(expiry).toISOString();
  run.planned = planned;
  run.gate.open(request, run.timesOf(run.waiting));
  const { current: replaces, unreachable } = run.cards;
  const card = run.cards.drawn({
    kind: 'waiting',
    requestId: request.id,
    policy,
    votes: [],
    expiresAt,
    asOf: new Date(now).toISOString(),
    ...(editors && { editors }),
    ...(unreachable && { unreachable }),
  });
  run.record('requested', {
    request: request.id,
    title: planned.plan.title,
    ...run.planRef(),
    policy,
    expiresAt,
    ...(editors && { editors }),
  });
  const key = `${runId}/${workflowInfo().runId}/card/${planned.revision}`;
  const to = unreachable ? requester.user : channel;
  const posted = await run.step('post', () =>
    postCard({
      channel: to,
      key,
      card,
      ...(thread && to === channel && { thread }),
      ...(replaces && { replaces }),
      ...(previous && { previous }),
    }),
  );
  run.cards.posted(posted, card.state);
  run.state = 'waiting';
  run.record('posted', { card: run.cards.current, request: request.id, expiresAt });
  run.ledger.write();
  if (run.isNew && card.state.kind === 'waiting') run.notify(card.state);
  // No function of its own: each more that is awaited would reorder the commands of runs that are replayed.
  const { waiting } = run;
  for (;;) {
    // Before 0.3 the expiry was all that was waited for.
    const awaited = run.isNew
      ? nextDue(waiting, run.now)
      : { what: 'expire' as const, at: waiting.expiresAt };
    const outcome = await run.gate.wait(request.id, Math.max(awaited.at - Date.now(), 1));
    if (outcome === 'moved') continue;
    if (outcome !== 'due') return outcome;
    // After an outage more may be due by now than what was waited for.
    const due = run.now === undefined ? awaited : nextDue(waiting, run.now);
    waiting.doneUntil = due.at;
    if (due.what === 'expire') {
      const end = run.gate.expire(request.id);
      const last = end instanceof Promise ? await end : end;
      if (last !== 'moved') return last;
    } else if (due.what === 'remind') remind(run);
    else if (due.what === 'escalate') escalate(run, request.id);
    else refresh(run, {});
  }
}

/** Mentions, in the card's thread, those who can approve and haven't. */
function remind(run: Run): void {
  refresh(run, {});
  tellThread(run, 'reminder', (mentioned) => {
    run.record('reminded', { mentioned, request: run.waiting?.requestId, ...run.planRef() });
  });
}

/** More people may approve from now on; the thread says so. */
function escalate(run: Run, id: string): void {
  const { waiting } = run;
  if (!waiting) return;
  waiting.policy = escalated(waiting.policy);
  run.wasEscalated();
  run.gate.escalate(id, waiting.policy);
  const { policy, requestId: request } = waiting;
  // It holds whether or not the thread can be told.
  run.record('escalated', { mentioned: policy.escalate?.to ?? [], policy, request, ...run.planRef() });
  run.ledger.write();
  refresh(run, { policy });
  tellThread(run, 'escalation', () => {});
  run.cards.copyToMore();
  const shown = run.cards.waiting;
  if (shown) run.notify(shown);
}

/** Draws the waiting card again: the time left, and what has changed. */
function refresh(run: Run, own: Partial<Extract<CardState, { kind: 'waiting' }>>): void {
  const shown = run.cards.waiting;
  if (shown) run.cards.show({ ...shown, ...own, asOf: new Date().toISOString() });
}

/** Posts in the card's thread; `told` is called with the ids of those who were mentioned. */
function tellThread(run: Run, what: 'reminder' | 'escalation', told: (mentioned: string[]) => void): void {
  const { cards, ledger, waiting } = run;
  const shown = cards.waiting;
  const thread = cards.current;
  if (!shown || !thread || !waiting) return;
  const card = cards.drawn({ ...shown, votes: run.gate.votes });
  const key = `${card.runId}/${workflowInfo().runId}/${what}/${waiting.requestId}/${waiting.doneUntil}`;
  const work = quietly(async () => {
    told(await remindApprovers({ what, thread, key, card }));
    ledger.write();
  });
  run.background.track(work.then(() => {}));
}
