import type { Scene } from '../../../test/support/product/scene.js';
import type { Step } from '../histories.js';
import type { Say, Traces } from './index.js';

/** Tolerance between the clocks of two processes on one machine, in milliseconds. */
const TICK_MS = 50;

const TURN = 'callLlm turn';

/** Words of the two requests that begin anew from a summary, where a conversation no longer fits into the context. */
const SUMMARY = /Sum up what was done so far|this summary of yours stands for it/;

/** Only an approved plan is carried out, and only after its approval. */
export function planApproved({ executions }: Traces, say: Say): void {
  // A run that continues as new hands decisions of just then to its next execution.
  const decisions = executions.flatMap((execution) => execution.decisions);
  for (const { steps, approvedBefore } of executions) {
    for (const step of steps.filter(({ name }) => name === TURN)) {
      const approved = decisions.some(
        ({ kind, items, receivedAt }) =>
          kind === 'approve' &&
          items.some(({ id, digest }) => id === 'plan' && digest === step.digest) &&
          receivedAt <= step.scheduledAt,
      );
      if (!approved && !approvedBefore) say('was carried out without an approval of that plan');
    }
  }
}

/** A recorded search or turn is not made again, neither in its execution nor after a `Retry`. */
export function doneOnce({ executions }: Traces, say: Say): void {
  const steps = executions.flatMap((execution) => execution.steps);
  for (const [what, same] of repeatable(steps)) {
    const first = same.findIndex(({ completedAt }) => completedAt !== undefined);
    if (first >= 0 && same.length > first + 1) say(`did ${what} again after it was recorded`);
  }
}

/** The model gets no second request for a recorded answer. */
export function askedOnce({ executions }: Traces, requests: Scene['model']['requests'], say: Say): void {
  const goal = executions[0]?.goal ?? '';
  const steps = executions.flatMap((execution) => execution.steps);
  for (const [what, same] of repeatable(steps)) {
    const recorded = same.find(({ completedAt }) => completedAt !== undefined);
    const [first] = same;
    if (!recorded?.completedAt || !first) continue;
    const words = first.name === TURN ? `The goal was: ${goal}` : `Research this goal: ${goal}`;
    const again = requests.filter(
      ({ at, body: { messages = [] } }) =>
        JSON.stringify(messages[0]?.content ?? '').includes(JSON.stringify(words).slice(1, -1)) &&
        !SUMMARY.test(JSON.stringify(messages)) &&
        (first.said === undefined || messages.length === first.said + 1) &&
        at > (recorded.completedAt ?? 0) + TICK_MS,
    );
    if (again.length > 0) say(`asked the model ${again.length} times more for what was recorded: ${what}`);
  }
}

/** Steps that must happen once, by name. The number of messages before a turn identifies the turn. */
function repeatable(steps: Step[]): Map<string, Step[]> {
  const found = new Map<string, Step[]>();
  for (const step of steps) {
    if (step.name !== 'searchWeb' && step.name !== TURN) continue;
    const what = step.said === undefined ? step.name : `${step.name} after ${step.said} messages`;
    found.set(what, [...(found.get(what) ?? []), step]);
  }
  return found;
}
