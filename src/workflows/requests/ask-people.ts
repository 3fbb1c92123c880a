import { upsertMemo } from '@temporalio/workflow';
import { escalated } from '../../approval/policy.js';
import type { Outcome } from '../../approval/request.js';
import type { PlanRevision } from '../../run/plan.js';
import type { RequestItem } from '../../run/request.js';
import { planMessage } from '../messages/plan-message.js';
import { firstInMessage, SharedMessage } from '../messages/shared-message.js';
import { enterState, hasNewApprovers, type RunContext } from '../run.js';
import { awaitOutcome, escalate } from './await-outcome.js';
import { checkApprovers, refreshPolicy } from './check-approvers.js';
import type { OpenItem } from './open-item.js';
import { newItem, openRequest } from './requests.js';

/** Posts the card of a revision and waits for its outcome. Decisions count from the moment the card is visible. */
export async function awaitPlanApproval(
  context: RunContext,
  planned: PlanRevision,
  previous?: PlanRevision,
): Promise<Outcome> {
  const { run, cards } = context;
  run.planned = planned;
  const subject = { kind: 'plan', title: planned.plan.title } as const;
  // A request that waited when the run continued as new keeps its policy.
  const isCarried = context.requests.isCarried(subject);
  // The activity that wrote or edited the plan has read the policy file. A run that is tried again may have come here without one.
  if (!isCarried && run.input.resume && !run.filePolicy) await refreshPolicy(context);
  const reachability = isCarried ? 'at-once' : await checkApprovers(context);
  const item = newItem(run, {
    id: 'plan',
    subject,
    digest: planned.digest,
    takes: ['approve', 'reject', 'changes', 'edit', 'extend'],
  });
  const [open] = openRequest(context, [item], (request) => planMessage(cards, request, item, previous));
  if (!open) throw new Error('A plan has an item');
  // The listeners let those see and stop a run whom its memo names.
  if (!isCarried && hasNewApprovers(run)) upsertMemo({ approvers: escalated(item.policy).approvers });
  run.planItem = open;
  await open.post();
  enterState(run, 'waiting');
  if (reachability === 'after-escalation') {
    escalate(context, open);
    // The timer would do it a second time.
    const { escalate: _, ...wider } = item.policy;
    item.policy = wider;
  }
  return await awaitOutcome(context, open);
}

/** Opens a request in the thread of the run's card: one message for all of its items, as far as they fit into one. */
export function openInThread(context: RunContext, items: RequestItem[]): OpenItem[] {
  const messages = new Map<string, SharedMessage>();
  return openRequest(context, items, (request, item) => {
    const name = `${request.id}/${firstInMessage(item.id)}`;
    const known = messages.get(name);
    const message = known ?? new SharedMessage(context, request, `request/${name}`);
    messages.set(name, message);
    return message.add(item);
  });
}

/** Posts an item's message in the thread and waits for its outcome. Throws when the run is cancelled, or it can't be posted. */
export async function askInThread(context: RunContext, open: OpenItem): Promise<Outcome> {
  try {
    await open.post();
    return await awaitOutcome(context, open);
  } catch (error) {
    open.endWith({ kind: 'withdrawn' });
    throw error;
  }
}
