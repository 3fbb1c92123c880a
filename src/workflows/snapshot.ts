import { workflowInfo } from '@temporalio/workflow';
import type { Subject } from '../run/request.js';
import type { RunSnapshot } from '../run/state.js';
import { policyNow, type RunContext } from './run.js';

/** Answer of the query `status`. */
export function snapshotOf({ run, cards, requests }: RunContext): RunSnapshot {
  const { input, state, planned, planItem, decision, failure, resume } = run;
  const { runId, goal, requester } = input;
  const { current: card } = cards;
  const asking = requests.waiting.flatMap(({ item }) => questionOf(item.subject));
  return {
    ...{ runId, goal, state, requester },
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
