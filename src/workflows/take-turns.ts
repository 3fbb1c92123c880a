import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { Verdict } from '../approval/judge.js';
import { type Turn, textBlock } from '../run/conversation.js';
import { isOwnTool } from '../run/own-tools.js';
import type { PlanRevision, RunInput } from '../run/run.js';
import { callLlm } from './activities.js';
import { Execution } from './execution.js';
import { type Run, StepFailed } from './run.js';
import { withVersion } from './runtime/workflow-version.js';
import { answerCalls } from './tool-calls.js';

/** An answer that was cut is gone on with this often. */
const MAX_CUTS = 3;

const CUT = '\n\n*The answer was cut off here: it reached the model’s limit.*';

/**
 * Carries an approved plan out, turn by turn: the model says what is to be called, each call is made (or refused) and answered, until
 * the model is done. Returns the result, in Markdown.
 */
export async function takeTurns(run: Run, planned: PlanRevision, verdict: Verdict): Promise<string> {
  const execution = new Execution(run, planned, verdict);
  try {
    const text = await converse(execution);
    execution.progress.end('done');
    return text;
  } catch (error) {
    execution.progress.end(error instanceof StepFailed ? 'failed' : 'stopped');
    throw error;
  }
}

async function converse(execution: Execution): Promise<string> {
  const { state } = execution;
  for (let cuts = 0; ; ) {
    await execution.withinBudget();
    const turn = await takeTurn(execution);
    state.text += turn.text;
    switch (turn.end) {
      case 'done':
        return state.text.trim() === '' ? 'The model finished without a word.' : state.text;
      case 'full':
        return state.text + CUT;
      case 'refused':
        throw new StepFailed({
          step: 'execution',
          code: 'Refused',
          message: 'The model refused to go on. Word the goal, or the plan, differently.',
        });
      case 'cut':
        cuts += 1;
        if (cuts > MAX_CUTS) return state.text + CUT;
        execution.tell([
          textBlock('Your answer was cut off at its limit. Go on exactly where it ended; make calls anew.'),
        ]);
        break;
      case 'paused':
        break;
      case 'calls':
        // What it said on the way to its calls is in the ledger; the result is what it says at last.
        state.text = '';
        await answer(execution, turn);
    }
    await continueWhenLong(execution.run);
  }
}

async function takeTurn(execution: Execution): Promise<Turn> {
  const { run, planned, verdict, state, rules } = execution;
  const began = Date.now();
  const { goal } = run.input;
  const { exchanges } = state;
  const answer = await run.step('execution', () =>
    callLlm.turn({ task: 'turn', goal, planned, approval: approvalOf(verdict), exchanges, rules }),
  );
  if (answer.task !== 'turn') throw new Error(`callLlm answered a ${answer.task} to a turn`);
  execution.took(answer, Date.now() - began);
  return answer;
}

async function answer(execution: Execution, { calls }: Turn): Promise<void> {
  execution.run.ledger.write();
  await execution.withinBudget(calls.filter(({ name }) => !isOwnTool(name)).length);
  execution.tell(await answerCalls(execution, calls));
}

/** Who approved, and every note that came with an approval. */
export function approvalOf(verdict: Verdict): { by: string; note: string } {
  const notes = verdict.votes.map((vote) => vote.note).filter((note) => note !== '');
  return { by: verdict.votes.map((vote) => vote.by.user).join(', '), note: notes.join('\n') };
}

/** Before its history reaches Temporal's limits the run goes on as a new one. Nothing is being asked just now, so no click is dropped. */
async function continueWhenLong(run: Run): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested) return;
  run.record('continued', {});
  await run.settle();
  const { input, resume, cards } = run;
  const card = cards.current && { card: cards.current };
  await continueAsNew<(input: RunInput) => Promise<unknown>>(
    withVersion({ ...input, continued: true, resume: { ...resume, ...card } }),
  );
}
