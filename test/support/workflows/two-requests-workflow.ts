import { CancellationScope, condition, defineQuery, setHandler } from '@temporalio/workflow';
import type { RequestItem } from '../../../src/run/request.js';
import { askInThread, openInThread } from '../../../src/workflows/requests/ask-people.js';
import { receiveDecision } from '../../../src/workflows/requests/receive-decision.js';
import { createContext, settle } from '../../../src/workflows/run.js';
import { humanApprove } from '../../../src/workflows/runtime/signals.js';
import { toolMessage } from '../requests.js';
import { runInput } from '../samples.js';

/** The outcomes so far, by the id of the item. */
export const outcomesSoFar = defineQuery<Record<string, string>>('outcomesSoFar');

/** Two requests at once, one with two items, each item with its own policy: returns the outcome of each. */
export async function twoRequestsWorkflow(): Promise<Record<string, string>> {
  const context = createContext(runInput());
  setHandler(humanApprove, (payload) => receiveDecision(context, payload));
  const outcomes: Record<string, string> = {};
  setHandler(outcomesSoFar, () => outcomes);
  const item = (id: string, approvers: string[], waitMs: number): RequestItem => {
    const { item: sample } = toolMessage();
    const policy = { ...sample.policy, approvers };
    return { ...sample, id, digest: id, policy, expiresAt: new Date(Date.now() + waitMs).toISOString() };
  };
  const opened = await CancellationScope.nonCancellable(async () => [
    ...openInThread(context, [item('first', ['UANA'], 60_000), item('second', ['UBEN'], 60_000)]),
    ...openInThread(context, [item('third', ['UCHLOE'], 300)]),
  ]);
  await Promise.all(
    opened.map(async (open) => {
      outcomes[open.item.id] = (await askInThread(context, open)).kind;
    }),
  );
  await condition(() => false, '1 second');
  await settle(context);
  return outcomes;
}
