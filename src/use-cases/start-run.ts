import type { Person } from '../approval/person.js';
import type { NotAdmitted } from '../run/admission.js';
import { resultOf } from '../run/follow-up.js';
import { type FollowUp, GOAL_LIMIT } from '../run/input.js';
import type { MessageRef, Origin } from '../run/message.js';
import type { RunFailure, RunSnapshot } from '../run/state.js';
import type { RunSummary } from '../run/summary.js';
import { isCertain, maySeeRun } from '../slack/permissions/permissions.js';
import { admitRun, cardChannel } from './admit-run.js';
import type { UseCasePorts } from './ports.js';
import type { RunInThread } from './read-story.js';

/** A run that a person starts by a command or a mention. */
export interface NewRun {
  /** Derived from the command or mention; redeliveries share it. */
  shortId: string;
  requester: Person;
  origin: Omit<Origin, 'at'>;
  /** Thread for the card, in the channel of the command. */
  thread?: string;
  followUp?: FollowUp;
  /** The mention, if its thread or its files are to be read. */
  mention?: MessageRef;
}

/** Channel of the run's card, and the thread in it. */
type CardPlace = Pick<Origin, 'channel' | 'thread'>;

export type StartOutcome =
  /** `waits`: Slack can't say whether the requester may ask, so the run waits for that first. */
  | { kind: 'started'; place: CardPlace; followUp?: FollowUp; waits?: true }
  /** The bot can't post the card. The run fails before its search; `executionId`: what `Retry` goes on from. */
  | { kind: 'cannot-post'; channel: string; failure: RunFailure; executionId: string | undefined }
  | { kind: 'too-long'; length: number }
  | { kind: 'refused'; refusal: NotAdmitted }
  | ThreadState;

/** State of a thread whose newest run is unfinished, or hidden from this person. */
export type ThreadState =
  | { kind: 'not-visible' }
  | { kind: 'busy'; run: RunSummary; snapshot?: RunSnapshot; card?: MessageRef };

async function startRun(ports: UseCasePorts, goal: string, run: NewRun): Promise<StartOutcome> {
  if (goal.length > GOAL_LIMIT) return { kind: 'too-long', length: goal.length };
  const place = chooseCardPlace(ports, run);
  const { shortId, requester, followUp, mention } = run;
  const admission = await admitRun(ports, { shortId, requester, channel: place.channel });
  if (admission.kind === 'refused') return admission;
  const waits = admission.kind === 'unsure';
  const input = {
    ...{ shortId, goal, requester, ...place },
    origin: { ...run.origin, at: new Date().toISOString() },
    ...(followUp && { followUp }),
    ...(mention && { mention }),
    ...(waits && { admission: 'pending' as const }),
    ...(admission.kind === 'cannot-post' && { cannotPost: admission.failure }),
    policy: ports.policyFor(place.channel),
  };
  const executionId = await ports.runs.start(input);
  if (executionId !== undefined) ports.refusals.started(input, executionId);
  if (admission.kind === 'cannot-post') {
    const { failure } = admission;
    // Slack may bring the command again once the run has failed.
    const failed = executionId ?? (await ports.runs.describe(shortId))?.executionId;
    return { kind: 'cannot-post', channel: place.channel, failure, executionId: failed };
  }
  return { kind: 'started', place, ...(followUp && { followUp }), ...(waits && { waits }) };
}

/** Starts a run, once for each id. In a thread whose newest run is over, the new run follows up on it. */
export async function startInThread(
  ports: UseCasePorts,
  goal: string,
  run: NewRun,
  newest?: RunInThread,
): Promise<StartOutcome> {
  // Slack redelivers a mention whose acknowledgement got lost, so the thread's newest run may be the mention's own.
  if (!newest || newest.shortId === run.shortId) return await startRun(ports, goal, run);
  const state = await followUpOn(ports, newest, run.requester);
  return state.kind === 'over' ? await startRun(ports, goal, { ...run, followUp: state.followUp }) : state;
}

/** Checks whether the newest run of a thread is over, and reads its result for a follow-up. */
export async function followUpOn(
  ports: UseCasePorts,
  { shortId, memo, ended, card, followUp }: RunInThread,
  person: Person,
): Promise<{ kind: 'over'; followUp: FollowUp } | ThreadState> {
  if (!isCertain(await maySeeRun(ports, memo, person))) return { kind: 'not-visible' };
  if (ended) return { kind: 'over', followUp };
  const { runs } = ports;
  const [run, snapshot] = await Promise.all([runs.describe(shortId), runs.snapshot(shortId)]);
  if (run?.status === 'RUNNING') {
    const newestCard = snapshot?.card ?? card;
    return { kind: 'busy', run, ...(snapshot && { snapshot }), ...(newestCard && { card: newestCard }) };
  }
  // The ledger lacks the end: the run was terminated in Temporal, or the ledger was away.
  const end = run && (await runs.end(shortId));
  if (!end || end.kind === 'gone') return { kind: 'over', followUp };
  const outcome = end.kind === 'failed' ? { ...end, state: end.kind } : end.outcome;
  return { kind: 'over', followUp: { ...followUp, result: resultOf(outcome) } };
}

/** Every card in an approval channel must be visible there, so only a follow-up's card goes into a thread. */
function chooseCardPlace(ports: UseCasePorts, { origin, thread, followUp }: NewRun): CardPlace {
  const channel = cardChannel(ports, origin.channel);
  const isInThread = channel === origin.channel && (ports.approvalChannel === undefined || followUp);
  return { channel, ...(isInThread && thread && { thread }) };
}
