import { ActivityFailure, ApplicationFailure, isCancellation, sleep } from '@temporalio/workflow';
import type { Decision } from '../../approval/decision.js';
import type { CallEnd } from '../../run/execution/call-end.js';
import { resultBlock, textBlock } from '../../run/execution/conversation.js';
import { shortHeadline } from '../../run/execution/headline.js';
import { type ContentBlock, type ToolCall, type ToolResult, textOf } from '../../run/execution/tools.js';
import type { OpenTurn } from '../../run/input.js';
import { LOST_CALL_CHOICES } from '../../run/request.js';
import { stopRun } from '../run.js';
import { callTool } from '../runtime/activities.js';
import { silenceIn } from '../runtime/interruptions.js';
import { reasonOf } from '../try-step.js';
import { askOrFail } from './ask-question.js';
import { countCall, type Execution, endCall, recordCall, recordSideEffect } from './execution.js';
import { ToolQuestions } from './tool-questions.js';

/** A server that is down is tried again this often, after so long. */
const UNAVAILABLE = { tries: 3, pause: '3 seconds' } as const;

/**
 * Makes a call that is allowed or approved. One that may change something is made once: if its answer is lost, people decide how the run
 * goes on.
 */
export async function makeCall(execution: Execution, turn: OpenTurn, call: ToolCall): Promise<ContentBlock> {
  for (let unavailable = 0; ; ) {
    const answer = await askWhetherItHappened(execution, turn, call);
    if (answer) return answer;
    const result = await tryCall(execution, call);
    if ('content' in result) return returnResult(execution, call, result);
    const { error } = result;
    const end = silenceIn(error)?.end;
    if (end) return returnEnd(execution, call, end);
    const reason = reasonOfCall(error);
    const type = typeOf(error);
    if (type === 'LedgerUnavailable') {
      await execution.context.ledger.retry();
    } else if (NOT_MADE.has(type)) {
      unavailable += 1;
      if (type !== 'ToolUnavailable' || unavailable >= UNAVAILABLE.tries) {
        if (type === 'ToolChanged') execution.progress.set(call, 'failed', CHANGED);
        return endCall(execution, call, 'failed', `The call was not made: ${reason}`);
      }
      await sleep(UNAVAILABLE.pause);
    } else if (call.readOnly) {
      return endCall(execution, call, 'failed', `There was no answer: ${reason}`);
    } else {
      recordCall(execution, call, 'lost', reason);
      turn.lost[call.id] = reason;
    }
  }
}

/** Makes a call once. Throws when the run is cancelled. */
async function tryCall(
  execution: Execution,
  call: ToolCall,
): Promise<ToolResult | { error: ActivityFailure }> {
  const { progress, context } = execution;
  progress.set(call, 'in_progress');
  const began = Date.now();
  const questions = new ToolQuestions(execution, call);
  const make = call.readOnly ? callTool.read : callTool.once;
  try {
    const { channel } = context.run.input;
    return await questions.during(context.ledger.carry((entries) => make({ ...call, channel, entries })));
  } catch (error) {
    if (isCancellation(error)) {
      progress.set(call, 'failed');
      const words = 'The run was stopped while this call was under way: whether it happened is not known.';
      if (!call.readOnly)
        recordSideEffect(execution, call, 'the run was stopped during it, so it may have been done');
      recordCall(execution, call, 'cancelled', words);
      throw error;
    }
    if (error instanceof ActivityFailure) return { error };
    throw error;
  } finally {
    countCall(execution, Date.now() - began - questions.waitedMs);
  }
}

function returnResult(execution: Execution, call: ToolCall, result: ToolResult): ContentBlock {
  const { content, isError, cut = false } = result;
  const outcome = isError ? 'failed' : 'done';
  execution.progress.set(call, outcome);
  recordCall(execution, call, outcome, textOf(result), { cut });
  if (!call.readOnly) recordSideEffect(execution, call, isError ? 'answered with an error' : 'done');
  return resultBlock(call.id, content.length > 0 ? content : [textBlock('(no output)')], isError);
}

/** Answers a call of which only the end is known: its last heartbeat told it, and the answer was lost on its way. Nobody needs to be asked. */
function returnEnd(execution: Execution, call: ToolCall, { isError, text }: CallEnd): ContentBlock {
  const ended = isError ? 'answered with an error' : 'was made';
  const words = `The call ${ended}, but the rest of its answer was lost. The answer began with:\n${text || '(no text)'}`;
  return returnResult(execution, call, { content: [textBlock(words)], isError, cut: true });
}

const LOST = 'contact was lost, so it may have been done';

/**
 * Asks people about a call whose answer was lost: nobody knows whether it happened. Undefined when the call is to be made. Throws when the run is to
 * stop.
 */
async function askWhetherItHappened(
  execution: Execution,
  { lost }: OpenTurn,
  call: ToolCall,
): Promise<ContentBlock | undefined> {
  const { context, progress } = execution;
  const why = lost[call.id];
  if (why === undefined) return undefined;
  progress.set(call, 'asking');
  let decision: Decision | undefined;
  try {
    decision = await askOrFail(context, { kind: 'lost-call', call, why }, LOST_CALL_CHOICES);
  } catch (error) {
    recordSideEffect(execution, call, LOST);
    throw error;
  }
  delete lost[call.id];
  if (decision?.choice === 'again') return undefined;
  if (decision?.choice === 'happened') {
    recordSideEffect(execution, call, 'contact was lost, and somebody confirmed that it was done');
    const words = 'The answer to this call was lost. A person looked: it happened. Its output is not known.';
    return endCall(execution, call, 'happened', words);
  }
  progress.set(call, 'failed');
  recordSideEffect(execution, call, LOST);
  return await stopRun(
    context,
    `Nobody could confirm whether “${shortHeadline(call)}” was done`,
    decision?.by,
  );
}

/** Shown under the plan's step. */
const CHANGED = 'Not run: the server has changed this tool since you were asked.';

/** Failures that say for certain that the call was not made. Any other leaves it open. */
const NOT_MADE = new Set([
  'ToolUnavailable',
  'CallChanged',
  'ToolChanged',
  'ToolDenied',
  'UnknownTool',
  'InvalidArguments',
]);

function typeOf({ cause }: ActivityFailure): string {
  return (cause instanceof ApplicationFailure && cause.type) || '';
}

function reasonOfCall(error: ActivityFailure): string {
  return silenceIn(error) ? 'My server stopped or lost its connection during this action.' : reasonOf(error);
}
