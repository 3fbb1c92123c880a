import { condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { RunInput, Waits } from '../run/input.js';
import { answerHeld } from './requests/receive-decision.js';
import { type RunContext, settle, startOf } from './run.js';
import { whenIdle } from './runtime/best-effort.js';
import { withVersion } from './runtime/workflow-version.js';

/**
 * A run that waits continues as new at so many events; Temporal suggests it at 4,096. A wait costs few events, but each click is one, and Temporal
 * takes 10,000 signals in an execution. Source: `history.maximumSignalsPerExecution` in `common/dynamicconfig/constants.go` of Temporal's server.
 */
const MOST_EVENTS = 1_000;

/** Longest time that decisions are held while messages are brought to their states, in milliseconds. Slack may have no room for that now. */
const HOLD_WITHIN_MS = 5_000;
/** Longest wait for those messages without holding decisions, in milliseconds. */
const AGAIN_AFTER_MS = 60_000;

/**
 * Continues as new while the run waits for people, with all that waits. Decisions of meanwhile go along, so that nobody can delay it with clicks. Never
 * resolves; rejects with Temporal's `ContinueAsNew`.
 */
export async function continueWhileWaiting(context: RunContext): Promise<never> {
  const { run, ledger, background, requests } = context;
  let isRecorded = false;
  for (;;) {
    // A continued execution takes decisions once it waits again.
    await whenIdle();
    answerHeld(context);
    await condition(() => isLong() && waitsForPeople(context));
    requests.startHolding();
    if (!isRecorded) ledger.record('continued', {});
    isRecorded = true;
    let isSettled = false;
    const settling = settle(context).then(() => {
      isSettled = true;
    });
    const settlesWithin = async (ms: number) => {
      await Promise.race([settling, condition(() => isSettled, ms)]);
      return isSettled;
    };
    if (!(await settlesWithin(HOLD_WITHIN_MS))) {
      answerHeld(context);
      await settlesWithin(AGAIN_AFTER_MS);
      continue;
    }
    // Something else may have come of a decision that was being judged.
    if (!background.isIdle || !waitsForPeople(context)) continue;
    await continueRun(context, { ...requests.carry(), ...(run.openTurn && { turn: run.openTurn }) });
  }
}

/** Continues the run in a new execution. Always throws. */
export async function continueRun({ run, cards }: RunContext, waits?: Waits): Promise<never> {
  const { waits: _, filePolicy: __, ...input } = run.input;
  const { filePolicy } = run;
  const resume = { ...run.resume, ...cards.place };
  const kept = { ...(filePolicy && { filePolicy }), ...(waits && { waits }) };
  return await continueAsNew<(input: RunInput) => Promise<unknown>>(
    withVersion({ ...input, continued: true, startedAt: startOf(input), resume, ...kept }),
  );
}

function isLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= MOST_EVENTS;
}

/** True if every branch of the story waits for a decision, and none has come. */
function waitsForPeople({ branches, requests, scope }: RunContext): boolean {
  const { waiting, open } = branches;
  return waiting > 0 && waiting === open && waiting === requests.waiting.length && !scope.consideredCancelled;
}
