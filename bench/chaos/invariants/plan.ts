import type { Scene } from '../../../test/support/product/scene.js';
import type { Step } from '../histories.js';
import type { Say, Traces } from './index.js';

/** Clocks of one machine, read in two processes, in milliseconds. */
const TICK_MS = 50;

const TURN = 'callLlm turn';

/** Nothing is carried out but the plan that was approved, and after it was. */
export function planApproved({ executions }: Traces, say: Say): void {
  for (const { steps, decisions, approvedBefore } of executions) {
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

/** A search, or a turn, that was recorded is not made again, in this execution or the one after a `Retry`. */
export function doneOnce({ executions }: Traces, say: Say): void {
  const steps = executions.flatMap((execution) => execution.steps);
  for (const [what, same] of repeatable(steps)) {
    const first = same.findIndex(({ completedAt }) => completedAt !== undefined);
    if (first >= 0 && same.length > first + 1) say(`did ${what} again after it was recorded`);
  }
}

/** The model is not asked again for what is recorded. */
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
        (first.said === undefined || messages.length === first.said + 1) &&
        at > (recorded.completedAt ?? 0) + TICK_MS,
    );
    if (again.length > 0) say(`asked the model ${again.length} times more for what was recorded: ${what}`);
  }
}

/** What is done once, by name. A turn is told by how much had been said before it. */
function repeatable(steps: Step[]): Map<string, Step[]> {
  const found = new Map<string, Step[]>();
  for (const step of steps) {
    if (step.name !== 'searchWeb' && step.name !== TURN) continue;
    const what = step.said === undefined ? step.name : `${step.name} after ${step.said} messages`;
    found.set(what, [...(found.get(what) ?? []), step]);
  }
  return found;
}
