import { ActivityFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { ASK_PERSON, MARK_STEP, readMark, readQuestion } from '../run/own-tools.js';
import { type ContentBlock, ruleFor, type ToolCall } from '../run/tools.js';
import { AskedCall, isForAll } from './ask-about-call.js';
import type { Execution } from './execution.js';
import { makeCall, reasonOf, says } from './make-call.js';

/**
 * Answers the calls of one turn, side by side. When one fails for good the others are cancelled, and when the run is cancelled all are:
 * each is settled before that is thrown.
 */
export async function answerCalls(execution: Execution, calls: ToolCall[]): Promise<ContentBlock[]> {
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  const answers = await scope.run(() =>
    Promise.all(
      calls.map((call) =>
        answerCall(execution, call).catch((error: unknown) => {
          failures.push(error);
          scope.cancel();
          return undefined;
        }),
      ),
    ),
  );
  if (failures.length > 0) throw failures.find((error) => !isCancellation(error)) ?? failures[0];
  return answers.filter((answer) => answer !== undefined);
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
  return await makeCall(execution, call);
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
      const why = note === '' ? 'They gave no reason.' : `Their reason: “${note}”.`;
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
