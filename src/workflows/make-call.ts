import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import { resultBlock, textBlock } from '../run/conversation.js';
import { LOST_CALL_OPTIONS } from '../run/thread.js';
import { type ContentBlock, type ToolCall, type ToolResult, textOf } from '../run/tools.js';
import { callTool } from './activities.js';
import { askOrFail, type Execution } from './execution.js';

/** A server that is down is tried again this often, after so long. */
const UNAVAILABLE = { tries: 3, pause: '3 seconds' } as const;

/**
 * Makes a call that is allowed or approved. One that may change something is made once: if its answer is lost, people say what is
 * to be done.
 */
export async function makeCall(execution: Execution, call: ToolCall): Promise<ContentBlock> {
  for (let tries = 1; ; tries += 1) {
    const made = await attempt(execution, call);
    if ('content' in made) return returned(execution, call, made);
    const { error } = made;
    const why = reasonOf(error);
    if (wasNotMade(error)) {
      if (typeOf(error) !== 'ToolUnavailable' || tries === UNAVAILABLE.tries) {
        return failed(execution, call, `The call was not made: ${why}`);
      }
      await sleep(UNAVAILABLE.pause);
    } else if (call.readOnly) {
      return failed(execution, call, `There was no answer: ${why}`);
    } else {
      const answer = await askWhetherItHappened(execution, call, why);
      if (answer) return answer;
    }
  }
}

/** Makes a call once. Throws when the run is cancelled. */
async function attempt(
  execution: Execution,
  call: ToolCall,
): Promise<ToolResult | { error: ActivityFailure }> {
  const { progress } = execution;
  progress.set(call, 'in_progress');
  const began = Date.now();
  try {
    return await (call.readOnly ? callTool.read(call) : callTool.once(call));
  } catch (error) {
    if (isCancellation(error)) {
      progress.set(call, 'failed');
      const words = 'The run was stopped while this call was under way: whether it happened is not known.';
      if (!call.readOnly) execution.changed(call, words);
      execution.record(call, 'cancelled', words);
      throw error;
    }
    if (error instanceof ActivityFailure) return { error };
    throw error;
  } finally {
    execution.made(Date.now() - began);
  }
}

function returned(execution: Execution, call: ToolCall, result: ToolResult): ContentBlock {
  const { content, isError, cut } = result;
  execution.progress.set(call, isError ? 'failed' : 'done');
  execution.record(call, isError ? 'failed' : 'done', textOf(result), cut);
  if (!call.readOnly) execution.changed(call, isError ? 'answered with an error' : 'done');
  return resultBlock(call.id, content.length > 0 ? content : [textBlock('(no output)')], isError);
}

/** Nobody knows whether a call happened: people say. Undefined when it is to be made again. Throws when the run is to stop. */
async function askWhetherItHappened(
  execution: Execution,
  call: ToolCall,
  why: string,
): Promise<ContentBlock | undefined> {
  const { run, progress } = execution;
  execution.record(call, 'lost', why);
  progress.set(call, 'asking');
  const answer = await askOrFail(run, {
    asked: { what: 'lost-call', call, why },
    options: LOST_CALL_OPTIONS,
    freeText: false,
  });
  const chosen = answer === 'expired' ? 'Stop' : answer.text;
  if (chosen === 'Run it again') return undefined;
  if (chosen === 'It happened') {
    progress.set(call, 'done');
    execution.changed(call, 'its answer was lost; a person says that it happened');
    execution.record(call, 'happened', 'A person says that it happened.');
    return says(
      call,
      'The answer to this call was lost. A person looked: it happened. Its output is not known.',
    );
  }
  progress.set(call, 'failed');
  execution.changed(call, 'its answer was lost: whether it happened is not known');
  return await run.stop(
    `whether ${call.name} happened is not known`,
    answer === 'expired' ? undefined : answer.by,
  );
}

function failed(execution: Execution, call: ToolCall, words: string): ContentBlock {
  execution.progress.set(call, 'failed');
  execution.record(call, 'failed', words);
  return says(call, words, true);
}

/** What the model is told of a call. */
export function says(call: ToolCall, words: string, isError = false): ContentBlock {
  return resultBlock(call.id, [textBlock(words)], isError);
}

/** Failures that say for certain that the call was not made. Any other leaves it open. */
const NOT_MADE = new Set([
  'ToolUnavailable',
  'CallChanged',
  'ToolChanged',
  'UnknownTool',
  'InvalidArguments',
]);

function wasNotMade(error: ActivityFailure): boolean {
  return NOT_MADE.has(typeOf(error) ?? '');
}

function typeOf({ cause }: ActivityFailure): string | null | undefined {
  return cause instanceof ApplicationFailure ? cause.type : undefined;
}

/** Why an activity failed, in words. */
export function reasonOf({ cause, message }: ActivityFailure): string {
  if (cause instanceof TimeoutFailure) {
    return cause.timeoutType === 'HEARTBEAT'
      ? 'The service was ended while the call was under way.'
      : 'There was no answer in time.';
  }
  return cause?.message ?? message;
}
