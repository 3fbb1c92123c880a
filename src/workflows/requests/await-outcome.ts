import { workflowInfo } from '@temporalio/workflow';
import { escalated } from '../../approval/policy.js';
import type { Outcome } from '../../approval/request.js';
import { nextDue } from '../../approval/request-timers.js';
import type { RunContext } from '../run.js';
import { remindApprovers } from '../runtime/activities.js';
import { bestEffort } from '../runtime/best-effort.js';
import { firstWithin } from '../runtime/first-within.js';
import type { OpenItem } from './open-item.js';

/** Waits for the outcome of an item: it reminds, escalates and expires meanwhile. Throws when the run is cancelled. */
export async function awaitOutcome(context: RunContext, open: OpenItem): Promise<Outcome> {
  for (;;) {
    const waitMs = nextDue(open.timers, Date.now()).at - Date.now();
    const event = await firstWithin<Outcome | 'moved'>(Math.max(waitMs, 1), [open.ended, open.moved]);
    if (event === 'moved') continue;
    if (event !== 'due') return event;
    // After an outage more may be due by now than what was waited for.
    const { at, purpose } = nextDue(open.timers, Date.now());
    open.doneUntil = at;
    switch (purpose) {
      case 'expire': {
        const outcome = await expire(context, open);
        if (outcome) return outcome;
        break;
      }
      case 'escalate':
        escalate(context, open);
        break;
      case 'remind':
        open.message.refresh();
        mentionApprovers(context, open, 'reminder');
        break;
      case 'refresh':
        open.message.refresh();
    }
  }
}

/** Ends an item whose time is up. Decisions that came in time are judged first: one of them may have ended it, or extended it (undefined). */
async function expire({ requests }: RunContext, open: OpenItem): Promise<Outcome | undefined> {
  const { moved } = open;
  open.isExpiring = true;
  await open.judging;
  if (open.item.outcome) return open.item.outcome;
  if (moved !== open.moved) {
    open.isExpiring = false;
    return undefined;
  }
  const expired: Outcome = { kind: 'expired', at: new Date().toISOString() };
  requests.close(open, expired, { reason: 'over', state: 'expired' });
  return expired;
}

/** More people may decide from now on; the thread says so. */
function escalate(context: RunContext, open: OpenItem): void {
  const { item, ref, message, notices } = open;
  item.policy = escalated(item.policy);
  const { policy } = item;
  context.run.wasEscalated = true;
  // It holds whether or not the thread can be told.
  context.ledger.record('escalated', { ...ref, mentioned: policy.escalate?.to ?? [], policy });
  message.refresh();
  mentionApprovers(context, open, 'escalation');
  const isCopied = item.subject.kind === 'plan' && context.cards.unreachable !== undefined;
  if (isCopied) context.cards.copyToNamed();
  else if (message.at) notices.send(message.draw(), message.at, policy);
}

/** Mentions, in the card's thread, those who can decide and haven't. */
function mentionApprovers(
  { run, ledger, cards, background }: RunContext,
  { ref, message, doneUntil }: OpenItem,
  purpose: 'reminder' | 'escalation',
): void {
  const { current: thread } = cards;
  const { at } = message;
  if (!thread || !at) return;
  const { request, item } = ref;
  const key = `${run.input.runId}/${workflowInfo().runId}/${purpose}/${request}/${item}/${doneUntil}`;
  const drawn = message.draw();
  const work = bestEffort(async () => {
    const mentioned = await remindApprovers({ purpose, thread, key, message: drawn, at });
    if (purpose === 'reminder') ledger.record('reminded', { ...ref, mentioned });
  });
  background.track(work);
}
