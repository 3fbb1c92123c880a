import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import { resultBlock, textBlock } from '../core/conversation.js';
import { ASK_PERSON, MARK_STEP, readMark, readQuestion } from '../core/own-tools.js';
import { LOST_CALL_OPTIONS } from '../core/thread.js';
import { type ContentBlock, ruleFor, type ToolCall, type ToolResult, textOf } from '../core/tools.js';
import { callTool } from './activities.js';
import { AskedCall, isForAll } from './ask-about-call.js';
import { askOrFail, type Execution } from './execution.js';

/** A server that is down is tried again this often, after so long. */
const UNAVAILABLE = { tries: 3, pause: '3 seconds' } as const;

/** Answers the calls of one turn, side by side; each is settled even when the run is cancelled meanwhile, and then that is thrown. */
export async function answerCalls(execution: Execution, calls: ToolCall[]): Promise<ContentBlock[]> {
  const settled = await Promise.allSettled(calls.map((call) => answerCall(execution, call)));
  return settled.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
}

async function answerCall(execution: Execution, call: ToolCall): Promise<ContentBlock> {
  if (call.name === MARK_STEP.name) return markStep(execution, call);
  if (call.name === ASK_PERSON.name) return await askPerson(execution, call);
  const rule = ruleFor(execution.rules, call);
  if (rule === 'deny')
    return refused(execution, call, 'denied', 'The policy denies this call. Go on without it.');
  if (!call.known) return says(call, `There is no tool "${call.name}".`, true);
  if (rule === 'ask' && !execution.state.standing.includes(call.name)) {
    const answer = await askFirst(execution, call);
    if (answer) return answer;
  }
  return await make(execution, call);
}

function markStep({ state, progress }: Execution, call: ToolCall): ContentBlock {
  const mark = readMark(call.input, state.steps.length);
  if (!mark)
    return says(
      call,
      `mark_step takes a step from 1 to ${state.steps.length} and a status, done or failed.`,
      true,
    );
  progress.mark(mark.step, mark.status, mark.note);
  return says(call, 'Noted.');
}

/** The model's own question: the run waits for the answer, and says truthfully when there was none. */
async function askPerson({ run, progress }: Execution, call: ToolCall): Promise<ContentBlock> {
  const question = readQuestion(call.input);
  if (!question) return says(call, 'ask_person takes a question.', true);
  const { text, options, to } = question;
  progress.set(call, 'asking');
  try {
    const answer = await run.questions.ask({
      asked: { what: 'ask-person', text, to },
      options,
      freeText: true,
    });
    progress.set(call, answer === 'expired' ? 'failed' : 'done');
    if (answer === 'expired') return says(call, 'Nobody answered before the deadline.');
    return says(call, `The answer, which is no approval of anything else: ${answer.text}`);
  } catch (error) {
    progress.set(call, 'failed');
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return says(call, `Nobody could be asked: ${reasonOf(error)}`, true);
  }
}

/** Asks people about a call. Undefined when it is approved; else what the model is told. */
async function askFirst(execution: Execution, call: ToolCall): Promise<ContentBlock | undefined> {
  const { run, state, progress } = execution;
  const asked = new AskedCall(run, call, state.steps[(call.step ?? 0) - 1]?.title);
  execution.asked.add(asked);
  progress.set(call, 'asking');
  try {
    const verdict = await asked.decided();
    if (verdict === 'expired') {
      return refused(
        execution,
        call,
        'expired',
        'Nobody decided about this call in time, so it was not made. Go on without it.',
      );
    }
    if (verdict.kind === 'reject') {
      const { note } = verdict.decision;
      const why = note === '' ? 'They gave no reason.' : `Their reason: ${note}`;
      return refused(
        execution,
        call,
        'rejected',
        `People rejected this call, so it was not made. ${why} Go on without it.`,
      );
    }
    if (isForAll(verdict)) execution.approveAll(call.name, verdict);
    return undefined;
  } catch (error) {
    progress.set(call, 'refused');
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return says(
      call,
      `People could not be asked about this call, so it was not made: ${reasonOf(error)}`,
      true,
    );
  } finally {
    execution.asked.delete(asked);
  }
}

/**
 * Makes a call that is allowed or approved. One that may change something is made once: if its answer is lost, people say what is
 * to be done.
 */
async function make(execution: Execution, call: ToolCall): Promise<ContentBlock> {
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

function refused(
  execution: Execution,
  call: ToolCall,
  outcome: 'denied' | 'rejected' | 'expired',
  words: string,
): ContentBlock {
  execution.progress.set(call, 'refused');
  execution.record(call, outcome, words);
  return says(call, words, true);
}

function failed(execution: Execution, call: ToolCall, words: string): ContentBlock {
  execution.progress.set(call, 'failed');
  execution.record(call, 'failed', words);
  return says(call, words, true);
}

function says(call: ToolCall, words: string, isError = false): ContentBlock {
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

function reasonOf({ cause, message }: ActivityFailure): string {
  if (cause instanceof TimeoutFailure) {
    return cause.timeoutType === 'HEARTBEAT' ? 'The worker died in it.' : 'There was no answer in time.';
  }
  return cause?.message ?? message;
}
