import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { escalated } from '../approval/policy.js';
import { cut } from '../platform/cut.js';
import type { RunInput } from '../run/input.js';
import type { RunState } from '../run/state.js';
import type { RunMemo } from '../run/summary.js';
import { SEARCH_ATTRIBUTES } from '../run/summary.js';
import { withVersion } from '../workflows/runtime/workflow-version.js';
import { grpcErrorIn } from './deadline.js';

/** A crash during a workflow task costs this long; Temporal's default is 10 s. A replay must fit in, with large payloads that it fetches. */
const WORKFLOW_TASK_TIMEOUT = '5 seconds';

/** Longest fairness key, in bytes; Temporal refuses a longer one. Slack's ids are ASCII, and much shorter. */
const MAX_FAIRNESS_KEY = 64;

/** Settings that a service's runs and schedules have in common. */
export interface ServiceSettings {
  /** Slack's ids of the service's team and app. The memo of its runs and schedules has them; it leaves those of others alone. */
  app?: string;
  /** True if the server knows the service's search attributes. */
  searchAttributes?: boolean;
  /** Client for what is encrypted anew: it takes only what the workers take. @default the other client */
  strictClient?: Client;
}

/** Options for each start of a run, by a command or a schedule. */
export function startOptions(
  input: RunInput,
  taskQueue: string,
  { app, searchAttributes = false }: Omit<ServiceSettings, 'strictClient'> = {},
) {
  const { requester, channel, origin, schedule, policy } = input;
  // The memo includes approvers of a later escalation.
  const { approvers } = escalated(policy);
  const goal = cut(input.goal, 200);
  const memo: RunMemo = { goal, requester, channel, approvers, ...(app !== undefined && { app }) };
  return {
    taskQueue,
    args: [withVersion({ ...input, searchAttributes })] as [RunInput],
    ...(searchAttributes && { typedSearchAttributes: attributesOf(input) }),
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    // The run's activities inherit it. A server without fairness ignores it.
    priority: { fairnessKey: requester.user.slice(0, MAX_FAIRNESS_KEY) },
    // Each run of a schedule has its own start time, so the schedule's memo has none.
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

/** Calls `work` with search attributes, and again without them if the server refuses one: it may be too new, or an operator removed it. */
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
