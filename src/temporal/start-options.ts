import { TypedSearchAttributes } from '@temporalio/common';
import { escalated } from '../approval/policy.js';
import type { RunInput } from '../run/input.js';
import type { RunState } from '../run/state.js';
import type { RunMemo } from '../run/summary.js';
import { SEARCH_ATTRIBUTES } from '../run/summary.js';
import { withVersion } from '../workflows/runtime/workflow-version.js';
import { grpcErrorIn } from './deadline.js';

/** A crash in the middle of a workflow task costs this long, not Temporal's default of 10 s. */
const WORKFLOW_TASK_TIMEOUT = '3 seconds';

/** Returns the options for every start of a run, by a command or by a schedule. */
export function startOptions(input: RunInput, taskQueue: string, searchAttributes: boolean) {
  const { requester, channel, origin, schedule, policy } = input;
  // Those to whom it may escalate belong to it from the start.
  const { approvers } = escalated(policy);
  const memo: RunMemo = { goal: input.goal.slice(0, 200), requester, channel, approvers };
  return {
    taskQueue,
    args: [withVersion({ ...input, searchAttributes })] as [RunInput],
    ...(searchAttributes && { typedSearchAttributes: attributesOf(input) }),
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    // A schedule's runs are asked for by nobody in particular, each at its own time.
    memo: { ...memo, ...(schedule === undefined && { askedAt: origin.at }) },
  } as const;
}

function attributesOf({ requester, channel }: RunInput): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: SEARCH_ATTRIBUTES.requester, value: requester.user },
    { key: SEARCH_ATTRIBUTES.channel, value: channel },
    { key: SEARCH_ATTRIBUTES.state, value: 'searching' satisfies RunState },
  ]);
}

/** A server may take a while to know a search attribute, and an operator may have removed one: then it goes without. */
export async function withAttributes<T>(
  found: boolean,
  work: (searchAttributes: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await work(found);
  } catch (error) {
    if (found && /search attribute/i.test(grpcErrorIn(error)?.details ?? '')) return await work(false);
    throw error;
  }
}
