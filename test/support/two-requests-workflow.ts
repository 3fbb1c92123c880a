import { condition, defineQuery, setHandler } from '@temporalio/workflow';
import { parseDecision } from '../../src/approval/decision.js';
import type { Verdict } from '../../src/approval/request.js';
import { ApprovalGate } from '../../src/workflows/approval-gate.js';
import { humanApprove } from '../../src/workflows/runtime/signals.js';
import { ana, policyWith } from './samples.js';

export const verdictsSoFar = defineQuery<Record<string, string>>('verdictsSoFar');

/** Three requests at once at one gate, each with its own policy: returns what became of each. */
export async function twoRequestsWorkflow(): Promise<Record<string, string>> {
  const gate = new ApprovalGate(async () => ({ groups: {} }));
  const refused: string[] = [];
  setHandler(humanApprove, (payload) => {
    const decision = parseDecision(payload);
    const receipt = decision && gate.receive(decision, false);
    if (receipt && !(receipt instanceof Promise) && !receipt.accepted) refused.push(receipt.refusal.reason);
  });
  const verdicts: Record<string, string> = {};
  setHandler(verdictsSoFar, () => verdicts);
  const asked = [
    { id: 'first', approvers: ['UANA'], waitMs: 60_000 },
    { id: 'second', approvers: ['UBEN'], waitMs: 60_000 },
    { id: 'third', approvers: ['UCHLOE'], waitMs: 300 },
  ].map(async ({ id, approvers, waitMs }) => {
    const policy = policyWith({ approvers });
    gate.open({ id, revision: 1, digest: id, requester: ana, policy });
    const outcome = await gate.wait(id, waitMs);
    const end = outcome === 'due' ? await gate.expire(id) : outcome;
    verdicts[id] = typeof end === 'string' ? end : (end as Verdict).kind;
  });
  await Promise.all(asked);
  await condition(() => refused.length > 0, '10 seconds');
  return { ...verdicts, refused: refused.join() };
}
