import { condition, workflowInfo } from '@temporalio/workflow';
import type { Outcome } from '../../approval/request.js';
import { nextDue } from '../../approval/request-timers.js';
import type { RunContext } from '../run.js';
import { remindApprovers } from '../runtime/activities.js';
import type { OpenItem } from './open-item.js';

/** Waits for the outcome of an item: it reminds, escalates and expires meanwhile. Throws when the run is cancelled. */
export async function awaitOutcome(context: RunContext, open: OpenItem): Promise<Outcome> {
  const { item } = open;
  for (;;) {
    const waitMs = nextDue(open.timers, Date.now()).at - Date.now();
    await context.branches.wait(condition(() => item.outcome !== undefined, Math.max(waitMs, 1)));
    if (item.outcome) return item.outcome;
    // After an outage more may be due by now than what was waited for, and after an extension less.
    const { at, purpose } = nextDue(open.timers, Date.now());
    if (at > Date.now()) continue;
    open.doneUntil = at;
    switch (purpose) {
      case 'expire':
        await expire(open);
        break;
      case 'escalate':
        escalate(context, open);
        break;
      case 'remind':
        mentionApprovers(context, open, 'reminder');
    }
  }
}

/** Lets more people decide, and tells them. It holds whether or not the thread can be told. */
export function escalate(context: RunContext, open: OpenItem): void {
  open.escalate();
  open.message.refresh();
  mentionApprovers(context, open, 'escalation');
  open.notifyApprovers();
}

/** Ends an item whose time is up. Decisions that came in time are judged first: one of them may have ended it, or extended it. */
async function expire(open: OpenItem): Promise<void> {
  let judged: unknown;
  while (judged !== open.judging) {
    judged = open.judging;
    await judged;
  }
  const now = new Date().toISOString();
  if (now >= open.item.expiresAt) open.endWith({ kind: 'expired', at: now });
}

/** Mentions, in the card's thread, those who can decide and haven't. */
function mentionApprovers(
  { run, ledger, cards, background }: RunContext,
  { ref, message, doneUntil }: OpenItem,
  purpose: 'reminder' | 'escalation',
): void {
  const { at } = message;
  if (!cards.current || !at) return;
  const { thread } = cards;
  const { request, item } = ref;
  const key = `${run.input.shortId}/${workflowInfo().runId}/${purpose}/${request}/${item}/${doneUntil}`;
  const drawn = message.draw();
  background.attempt(async () => {
    const { mentioned, posted } = await remindApprovers({ purpose, thread, key, message: drawn, at });
    if (posted) cards.takeLanding(thread, posted);
    if (purpose === 'reminder') ledger.record('reminded', { ...ref, mentioned });
  });
}
