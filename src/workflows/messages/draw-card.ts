import type { Card, CardActivity, CardAsks, CardState } from '../../run/card.js';
import { statusOf } from '../../run/execution/progress.js';
import type { RequestItem } from '../../run/request.js';
import { cardReading } from '../../run/thread.js';
import type { Requests } from '../requests/requests.js';
import type { Run, RunContext } from '../run.js';

/** A state of a card in which the run works, or waits for people in its thread. */
export type WorkingState = Extract<CardState, { kind: 'executing' | 'changed' | 'retried' }>;

export type Waiting = Extract<CardState, { kind: 'waiting' }>;

/** State of a card while an item waits. `unreachable`: the channel for which people get the card directly. */
export function waitingState(
  { unreachable }: { unreachable: Waiting['unreachable'] | undefined },
  request: string,
  item: RequestItem,
): Waiting {
  return { kind: 'waiting', request, item: { ...item }, ...(unreachable && { unreachable }) };
}

export function isWorking(state: CardState | undefined): state is WorkingState {
  return state?.kind === 'executing' || state?.kind === 'changed' || state?.kind === 'retried';
}

/** The run's card in a state. */
export function drawCard({ run, requests }: Pick<RunContext, 'run' | 'requests'>, state: CardState): Card {
  const { input, planned, resume } = run;
  const { shortId, goal, requester } = input;
  const unsearched = resume.research?.unsearched;
  return {
    ...{ shortId, goal, requester, state },
    ...(planned && { planned }),
    ...cardReading(resume.threadContext),
    ...(unsearched !== undefined && { unsearched }),
    ...(isWorking(state) && { activity: activityOf(run, requests, state) }),
  };
}

/** The run's work now. */
function activityOf({ resume, pausedUntil }: Run, requests: Requests, state: WorkingState): CardActivity {
  const asks = asksOf(requests);
  const steps = state.kind === 'executing' ? resume.execution?.steps.map(statusOf) : undefined;
  const current = steps?.indexOf('in_progress') ?? -1;
  return {
    ...(asks && { asks }),
    ...(pausedUntil !== undefined && { pausedUntil }),
    ...(steps && {
      steps: {
        done: steps.filter((status) => status === 'done').length,
        ...(current >= 0 && { current: current + 1 }),
        of: steps.length,
      },
    }),
  };
}

function asksOf({ waiting }: Requests): CardAsks | undefined {
  const asked = waiting.filter(({ isPlan }) => !isPlan);
  if (asked.length === 0) return undefined;
  const actions = asked.filter(({ item }) => item.subject.kind === 'tool-call').length;
  const at = asked.find(({ message }) => message.at)?.message.at;
  const approvers = new Set(asked.flatMap(({ item }) => item.policy.approvers));
  return { actions, questions: asked.length - actions, approvers: [...approvers], ...(at && { at }) };
}
