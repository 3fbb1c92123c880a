import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { SentDecision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { ResumePoint, RunInput } from '../run/input.js';
import type { MessageRef } from '../run/message.js';
import type { RunFailure, RunOutcome, RunSnapshot } from '../run/state.js';
import type { ExecutionEnd, RunMemo, RunSummary } from '../run/summary.js';
import { warnOf } from '../telemetry/warnings.js';
import * as signals from '../workflows/runtime/signals.js';
import { withinDeadline } from './deadline.js';
import { shortIdIn, workflowIdOf } from './ids.js';
import { type ServiceSettings, startOptions, withAttributes } from './start-options.js';

const { WORKFLOW_TYPE } = signals;

const RUNNING = {
  query: `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'`,
  pageSize: 1000,
};

/** Runs or schedules of other Slack apps. */
export interface Others {
  all: number;
  onQueue: number;
}

export type Runs = ReturnType<typeof createRuns>;

/** Creates the functions that start runs and communicate with them. Calls for which a person waits throw `NotConfirmed` after two seconds. */
export function createRuns(
  client: Client,
  taskQueue: string,
  { app, searchAttributes = false, strictClient = client }: ServiceSettings = {},
) {
  const handleOf = (shortId: string): WorkflowHandle => client.workflow.getHandle(workflowIdOf(shortId));
  const strictHandleOf = (shortId: string, executionId?: string): WorkflowHandle =>
    strictClient.workflow.getHandle(workflowIdOf(shortId), executionId);
  const isOwn = ({ memo }: Pick<WorkflowExecutionInfo, 'memo'>) => (memo as Partial<RunMemo>)?.app === app;
  const describe = async (shortId: string): Promise<RunSummary | undefined> => {
    const found = await handleOf(shortId).describe().catch(unlessNotFound);
    return found && isOwn(found) ? listing(found) : undefined;
  };

  const start = async (input: RunInput, again: boolean): Promise<string | undefined> => {
    try {
      const { firstExecutionRunId } = await withAttributes(searchAttributes, (found) =>
        client.workflow.start(WORKFLOW_TYPE, {
          ...startOptions(input, taskQueue, { searchAttributes: found, ...(app !== undefined && { app }) }),
          workflowId: workflowIdOf(input.shortId),
          // A retry is on record with the person who made it, so only one of two at once may get the execution's id.
          workflowIdConflictPolicy: again ? 'FAIL' : 'USE_EXISTING',
          workflowIdReusePolicy: again ? 'ALLOW_DUPLICATE_FAILED_ONLY' : 'REJECT_DUPLICATE',
        }),
      );
      return firstExecutionRunId;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
      throw error;
    }
  };

  return {
    /** Starts a run; a second start of the same run id changes nothing. Resolves with the execution's id while it is running. */
    start: (input: RunInput): Promise<string | undefined> =>
      withinDeadline(client, () => start(input, false)),

    /** Signals a decision, or an answer to a question. Resolves with false when the run is over or unknown. */
    decide: (shortId: string, decision: SentDecision): Promise<boolean> =>
      withinDeadline(client, () =>
        found(
          handleOf(shortId).signal(
            decision.kind === 'answer' ? signals.humanAnswer : signals.humanApprove,
            decision,
          ),
        ),
      ),

    /** Asks a run to stop, if `mayCancel` permits. The workflow makes the final decision. */
    cancel: (
      shortId: string,
      mayCancel: (run: RunSummary) => Promise<boolean>,
      asked: Omit<signals.CancelRequest, 'at'>,
    ) =>
      withinDeadline(client, async (signal) => {
        const run = await describe(shortId);
        if (!run) return 'unknown-run';
        if (!(await mayCancel(run))) return 'not-allowed';
        signal.throwIfAborted();
        const request = { ...asked, at: new Date().toISOString() };
        return (await found(handleOf(shortId).signal(signals.cancelRun, request))) ? 'cancelling' : 'over';
      }),

    /**
     * Restarts a failed run from the failed step. `shownOn`: messages that show the failure. `mayRetry` may return another input. `stale`: that
     * execution was already retried, or is too old for Temporal to know. `onStart` gets the new execution, also when its start took too long.
     */
    retry: (
      shortId: string,
      executionId: string,
      mayRetry: (input: RunInput, shownOn?: MessageRef[]) => Promise<boolean | RunInput>,
      by: Person,
      onStart?: (input: RunInput, executionId: string) => void,
    ) =>
      withinDeadline(client, async (signal) => {
        const current = await handleOf(shortId).describe().catch(unlessNotFound);
        if (current?.runId !== executionId || !isOwn(current)) return 'stale';
        // People can see and click the button a moment before the run has ended.
        const end = await endOf(strictHandleOf(shortId, executionId));
        if (end.kind !== 'failed') return 'stale';
        const { card, copies = [], isToldPrivately } = end.resume;
        // A private message has no place that is known.
        const shownOn = card && !isToldPrivately ? [card, ...copies] : undefined;
        const failed = { ...end.input, resume: end.resume };
        const may = await mayRetry(failed, shownOn);
        if (!may) return 'not-allowed';
        signal.throwIfAborted();
        const given = may === true ? failed : may;
        const input = { ...given, resume: { ...end.resume, retriedBy: by } };
        const startedId = await start(input, true);
        if (startedId !== undefined) onStart?.(input, startedId);
        return 'started';
      }),

    /** Reads the run's snapshot from a worker; undefined without a timely answer, or without such a run. */
    async snapshot(shortId: string): Promise<RunSnapshot | undefined> {
      try {
        return await withinDeadline(client, () => strictHandleOf(shortId).query(signals.status));
      } catch (error) {
        warnOf('temporal-query', error, 'No worker said in time how a run stands', { run: shortId });
        return undefined;
      }
    },

    /** Describes a run by Temporal's server, without a worker. */
    describe: (shortId: string): Promise<RunSummary | undefined> =>
      withinDeadline(client, () => describe(shortId)),

    /** Reads the end of a run that isn't running. */
    end: (shortId: string): Promise<ExecutionEnd> =>
      withinDeadline(client, () => endOf(strictHandleOf(shortId))),

    /** Ids of all running runs by Temporal's visibility, which may lack a new run for a moment. */
    async running(): Promise<Set<string>> {
      const ids = new Set<string>();
      for await (const { workflowId } of client.workflow.list(RUNNING)) ids.add(shortIdIn(workflowId));
      return ids;
    },

    /** Counts the running runs of other Slack apps in the namespace. `onQueue`: those on this service's task queue. */
    async countOthers(): Promise<Others> {
      const others = { all: 0, onQueue: 0 };
      for await (const run of client.workflow.list(RUNNING)) {
        if (isOwn(run)) continue;
        others.all += 1;
        if (run.taskQueue === taskQueue) others.onQueue += 1;
      }
      return others;
    },

    /** Signals to a run that people can't see or use its card. Resolves with false when the run is over. */
    reportLostCard: (shortId: string, card: MessageRef, reason: string): Promise<boolean> =>
      withinDeadline(client, () => found(handleOf(shortId).signal(signals.cardLost, { card, reason }))),
  };
}

function listing(info: WorkflowExecutionInfo | WorkflowExecutionDescription): RunSummary | undefined {
  const memo = info.memo as (Partial<RunMemo> & { askedAt?: string }) | undefined;
  if (!memo?.requester || memo.goal === undefined || memo.channel === undefined) return undefined;
  const { goal, requester, channel, approvers = [] } = memo;
  return {
    shortId: shortIdIn(info.workflowId),
    memo: { goal, requester, channel, approvers },
    status: info.status.name,
    startedAt: memo.askedAt === undefined ? info.startTime : new Date(memo.askedAt),
    executionId: info.runId,
    ...(info.closeTime && { closedAt: info.closeTime }),
  };
}

/** End of an execution. A failed one includes the data for a retry. */
async function endOf(handle: WorkflowHandle) {
  try {
    return { kind: 'outcome' as const, outcome: (await handle.result()) as RunOutcome };
  } catch (error) {
    const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
    if (cause instanceof ApplicationFailure && cause.type === 'RunFailed') {
      const [failure, resume, input] = cause.details as [RunFailure, ResumePoint, RunInput];
      return { kind: 'failed' as const, failure, resume, input };
    }
    const { message } = cause ?? (error instanceof Error ? error : new Error(String(error)));
    return { kind: 'gone' as const, reason: message };
  }
}

async function found(call: Promise<void>): Promise<boolean> {
  return (await call.then(() => true, unlessNotFound)) ?? false;
}

function unlessNotFound(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}
