import { ContinueAsNew, workflowInfo } from '@temporalio/workflow';
import type { Verdict } from '../../approval/request.js';
import { sessionOf } from '../../run/agent-session.js';
import { type Assignment, type Turn, textBlock } from '../../run/execution/conversation.js';
import { finalText, unfinishedText } from '../../run/execution/final-text.js';
import { isOwnTool } from '../../run/execution/own-tools.js';
import type { PlanRevision } from '../../run/plan.js';
import { threadForModel } from '../../run/thread.js';
import { continueRun } from '../continue-as-new.js';
import { ModelWait } from '../messages/model-wait.js';
import { answerHeld } from '../requests/receive-decision.js';
import { type RunContext, settle } from '../run.js';
import { callLlm } from '../runtime/activities.js';
import { StepFailed } from '../try-step.js';
import { answerCalls } from './answer-calls.js';
import {
  appendUserMessage,
  beginExecution,
  type Execution,
  keepWithinBudget,
  recordTurn,
} from './execution.js';

/** An answer that was cut is gone on with this often. */
const MAX_CUTS = 3;

const CUT = "The answer was cut off here: it reached the model's limit.";
const FULL = 'The work ended here: it became too long for the model, even as a summary.';

/**
 * Carries an approved plan out, turn by turn. The model says which tools it calls; each call is made or refused, and answered, until the model is
 * done. Returns the result, in Markdown.
 */
export async function takeTurns(
  context: RunContext,
  planned: PlanRevision,
  verdict: Verdict,
): Promise<string> {
  const execution = beginExecution(context, planned, verdict);
  try {
    const { text, isUnfinished } = await converse(execution);
    execution.progress.end(isUnfinished ? 'stopped' : 'done');
    return text;
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    execution.progress.end(error instanceof StepFailed ? 'failed' : 'stopped');
    throw error;
  }
}

async function converse(execution: Execution): Promise<{ text: string; isUnfinished?: true }> {
  const { state, context } = execution;
  // The run continued as new while people were asked about the calls of this turn.
  const { openTurn } = context.run;
  if (openTurn) await answerTurn(execution, openTurn);
  for (let cuts = 0; ; ) {
    await keepWithinBudget(execution);
    const turn = await takeTurn(execution);
    state.text += turn.text;
    switch (turn.end) {
      case 'done':
        return { text: finalText(state) };
      case 'full':
        return { text: unfinishedText(state, FULL), isUnfinished: true };
      case 'refused':
        throw new StepFailed({
          step: 'execution',
          code: 'Refused',
          message: turn.refusal ?? 'The model refused to go on. Word the goal, or the plan, differently.',
        });
      case 'cut':
        cuts += 1;
        if (cuts > MAX_CUTS) return { text: unfinishedText(state, CUT), isUnfinished: true };
        appendUserMessage(execution, [
          textBlock('Your answer was cut off at its limit. Go on exactly where it ended; make calls anew.'),
        ]);
        break;
      case 'paused':
        break;
      case 'calls':
        // The words on the way to calls are in the ledger; the result is the model's last words.
        state.text = '';
        await answerTurn(execution, turn);
    }
    await continueWhenLong(execution);
  }
}

async function answerTurn(
  execution: Execution,
  { calls, answers = {} }: Pick<Turn, 'calls' | 'answers'>,
): Promise<void> {
  const { run } = execution.context;
  const turn = run.openTurn ?? { calls, isCovered: false, answers, lost: {}, tookMs: 0 };
  run.openTurn = turn;
  if (!turn.isCovered) await keepWithinBudget(execution, calls.filter(({ name }) => !isOwnTool(name)).length);
  turn.isCovered = true;
  appendUserMessage(execution, await answerCalls(execution, turn));
  // Entries of calls that only read go along with a later activity.
  if (calls.some(({ known, readOnly }) => known && !readOnly)) execution.context.ledger.flush();
  delete run.openTurn;
}

async function takeTurn(execution: Execution): Promise<Turn> {
  const { context, planned, verdict, state, rules } = execution;
  const began = Date.now();
  const { goal, channel } = context.run.input;
  const { exchanges, refused, container, useFallback } = state;
  const model = {
    ...(refused && { refused }),
    ...(container && { container }),
    ...(useFallback && { useFallback }),
  };
  const approval = approvalOf(verdict);
  const session = sessionOf(context.run.input);
  const wait = new ModelWait(context, 'execution');
  const { policy, ...turn } = await wait.around((awaitModel) =>
    callLlm(
      { task: 'turn', goal, planned, approval, exchanges, channel, rules, ...session, ...model },
      threadForModel(context.run.resume.threadContext),
      awaitModel,
    ),
  );
  context.run.filePolicy = policy;
  // The budget has no part of the wait for a model that takes no request.
  recordTurn(execution, turn, Date.now() - began - wait.tookMs);
  return turn;
}

/** The approvers, and the only one's note. Where several approved, nobody approved the others' notes: these stay on record. */
function approvalOf({ votes }: Verdict): Assignment['approval'] {
  const [only, ...others] = votes;
  const note = only && others.length === 0 ? only.note : '';
  return { by: votes.map(({ by }) => by.user).join(', '), note };
}

/**
 * Continues as new before the history reaches Temporal's limits. No request is open between two turns. Decisions that were held while one still
 * was are answered first.
 */
async function continueWhenLong({ context, progress }: Execution): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested) return;
  answerHeld(context);
  progress.leave();
  context.ledger.record('continued', {});
  await settle(context);
  const { scope } = context;
  // Somebody may have cancelled the run meanwhile.
  if (scope.consideredCancelled) await scope.cancelRequested;
  await continueRun(context);
}
