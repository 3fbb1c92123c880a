import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { untilAborted } from '../platform/with-timeout.js';
import {
  readToolQuestion,
  TOOL_ASKS,
  type ToolAnswer,
  type ToolQuestion,
} from '../run/execution/tool-question.js';
import type { AskPeople } from './ports.js';

/** Attempts to reach the run while Temporal is away, a second apart. */
const ATTEMPTS = 30;

/** Lets a tool ask people in the thread of its run: an update of the workflow puts the question, and its result is the answer. */
export function askInRun(call: string): AskPeople {
  // A tool's question comes outside of the activity's own asynchronous context.
  const context = Context.current();
  return async (question: ToolQuestion, signal: AbortSignal): Promise<ToolAnswer> => {
    // The run would refuse it, and one that is too large never reaches the run.
    if (!readToolQuestion({ call, ...question })) return { kind: 'unanswered' };
    const { workflowId = '', runId } = context.info.workflowExecution ?? {};
    const handle = context.client.workflow.getHandle(workflowId, runId);
    // One id for all attempts: Temporal takes it once.
    const args: [ToolQuestion & { call: string }] = [{ call, ...question }];
    const update = { args, updateId: randomUUID() };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      try {
        return await untilAborted(
          handle.executeUpdate<ToolAnswer, [ToolQuestion & { call: string }]>(TOOL_ASKS, update),
          signal,
        );
      } catch (error) {
        signal.throwIfAborted();
        // The workflow refused the question, or it is over.
        if (error instanceof Error && FINAL.has(error.name)) break;
        await context.sleep(1_000);
      }
    }
    return { kind: 'unanswered' };
  };
}

const FINAL = new Set(['WorkflowUpdateFailedError', 'WorkflowNotFoundError']);
