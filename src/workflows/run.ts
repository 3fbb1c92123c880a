import {
  ApplicationFailure,
  CancellationScope,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Decision } from '../approval/decision.js';
import { showHidden } from '../approval/hidden-text.js';
import type { Person } from '../approval/person.js';
import { type ApprovalPolicy, escalated, widened } from '../approval/policy.js';
import { visibleFollowUp } from '../run/follow-up.js';
import type { OpenTurn, ResumePoint, RunInput } from '../run/input.js';
import type { PrivateMessage } from '../run/message.js';
import type { PlanRevision } from '../run/plan.js';
import type { RunFailure, RunState } from '../run/state.js';
import { asksOthers, stricterPolicy } from '../run/stricter-policy.js';
import { SEARCH_ATTRIBUTES, scheduleIdIn, shortIdIn } from '../run/summary.js';
import type { ToolQuestions } from './execution/tool-questions.js';
import { CardWork } from './messages/card-work.js';
import { Cards } from './messages/cards.js';
import type { OpenItem } from './requests/open-item.js';
import { Requests } from './requests/requests.js';
import { sendPrivately } from './runtime/activities.js';
import { Background } from './runtime/best-effort.js';
import { Branches } from './runtime/branches.js';
import { LedgerWriter } from './runtime/ledger-writer.js';

/** State of one run. It is data: assigning to it does nothing else. */
export interface Run {
  readonly input: RunInput;
  /** How far it has come, for `Retry` and for an execution that continues it. */
  readonly resume: ResumePoint;
  /** The channel's policy by the policy file, as it was read last. */
  filePolicy?: ApprovalPolicy | undefined;
  state: RunState;
  planned?: PlanRevision;
  /** The plan's item that waits, or waited last. */
  planItem?: OpenItem;
  /** The turn of the model whose calls are being answered. */
  openTurn?: OpenTurn;
  /** The model takes no request, and the run tries again until then, ISO 8601. */
  pausedUntil?: string;
  /** The last decision about a plan. */
  decision?: Decision;
  failure?: RunFailure;
  cancelledBy?: Person;
  /** The reason of a stop, where nobody cancelled the run. */
  stoppedWhy?: string;
  /** True once the requester was told why the run ends. */
  isRequesterTold?: true;
}

/** A run with the parts that act on it. Each part is given only those that it needs. */
export interface RunContext {
  readonly run: Run;
  /** The story: cancelling the run cancels it, and the rest goes on. */
  readonly scope: CancellationScope;
  readonly background: Background;
  readonly branches: Branches;
  /** Users who are being looked up because they want to cancel the run. */
  readonly cancelling: Set<string>;
  readonly ledger: LedgerWriter;
  readonly requests: Requests;
  readonly cards: Cards;
  /** The card's status while the run works. */
  readonly cardWork: CardWork;
  /** Tool calls that are under way, by id, and may ask people. */
  readonly askingCalls: Map<string, ToolQuestions>;
}

/** Search attribute that Temporal's server gives each run of a schedule. */
const SCHEDULED_BY = 'TemporalScheduledById';

/**
 * Input of this execution. A schedule starts all its runs with one input; Temporal gives each a workflow id of its own. A state to resume
 * counts only where an execution of this run left it. No schedule holds one, and a copy of a continued run's input begins anew.
 */
function inputOf({ resume, continued, waits, filePolicy, startedAt, ...given }: RunInput): RunInput {
  const { workflowId, searchAttributes, continuedFromExecutionRunId } = workflowInfo();
  const isScheduled = given.schedule === given.shortId || SCHEDULED_BY in searchAttributes;
  // Under the id of a schedule's run, the payloads of a run with the schedule's id can be read, too.
  const isOwn =
    isScheduled || scheduleIdIn(workflowId) === workflowId || given.shortId === shortIdIn(workflowId);
  if (!isOwn) {
    const message = `The input is that of the run ${given.shortId}, so this run does nothing. Somebody may have copied it here.`;
    throw ApplicationFailure.nonRetryable(message, 'InputOfAnother');
  }
  const shortId = given.schedule === undefined ? given.shortId : shortIdIn(workflowId);
  const input = { ...given, shortId };
  if (continuedFromExecutionRunId === undefined) {
    return resume && !isScheduled && !continued ? { ...input, resume } : input;
  }
  return {
    ...input,
    ...(resume && { resume }),
    ...(continued && { continued }),
    ...(waits && { waits }),
    ...(filePolicy && { filePolicy }),
    ...(startedAt && { startedAt }),
  };
}

export function createContext(given: RunInput): RunContext {
  const asked = inputOf(given);
  const { followUp } = asked;
  const input = {
    ...asked,
    goal: showHidden(asked.goal),
    ...(followUp && { followUp: visibleFollowUp(followUp) }),
  };
  const { shortId: own, resume, waits, filePolicy } = input;
  const run: Run = {
    input,
    resume: { ...resume },
    state: 'searching',
    ...(filePolicy && { filePolicy }),
    ...(waits?.turn && { openTurn: waits.turn }),
    ...(resume?.approved && { decision: resume.approved.decision }),
  };
  const background = new Background();
  const ledger = new LedgerWriter(own, background);
  const requests = new Requests(waits);
  const cards = new Cards({ run, ledger, background, requests });
  const scope = new CancellationScope();
  return {
    ...{ run, scope, background, ledger, cards, requests },
    cardWork: new CardWork({ run, cards, background }),
    branches: new Branches(),
    cancelling: new Set(),
    askingCalls: new Map(),
  };
}

/** States that no search attribute shows, because each update is billed. A new run is found by `searching` until its card waits. */
const UNLISTED: ReadonlySet<RunState> = new Set(['searching', 'executing']);

/** Enters a state, and shows it to operators in Temporal. */
export function enterState(run: Run, state: RunState): void {
  const isShown = !UNLISTED.has(state) && (state !== 'planning' || run.state === 'waiting');
  run.state = state;
  if (!run.input.searchAttributes || !isShown) return;
  const approvers = run.resume.approved?.votes.map((vote) => vote.by.user);
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.state, value: state },
    ...(approvers ? [{ key: SEARCH_ATTRIBUTES.approver, value: [...new Set(approvers)] }] : []),
  ]);
}

/** Start of the run's first execution, ISO 8601. */
export function startOf({ startedAt }: RunInput): string {
  return startedAt ?? workflowInfo().runStartTime.toISOString();
}

/**
 * The policy of the next request: the stricter of the run's and the file's. Those whom an earlier one was escalated to may decide about it from
 * the start.
 */
export function policyOfNextRequest({ input, resume, filePolicy }: Run): ApprovalPolicy {
  const policy = stricterPolicy(input.policy, filePolicy);
  if (!resume.wasEscalated) return policy;
  return widened(policy);
}

/** True if other people must approve by the policy file than when the run began. */
export function hasNewApprovers({ input: { policy }, filePolicy }: Run): boolean {
  return asksOthers(policy, stricterPolicy(policy, filePolicy));
}

/** Policy of the plan's last request, as far as it is known; the escalation of any request has widened it. */
export function policyNow(run: Run): ApprovalPolicy {
  const policy = run.planItem?.item.policy ?? policyOfNextRequest(run);
  return run.resume.wasEscalated ? escalated(policy) : policy;
}

/** Ends the run, as a cancellation does, and says why. Always throws. */
export async function stopRun({ run, scope }: RunContext, why: string, by?: Person): Promise<never> {
  run.stoppedWhy = why;
  if (by) run.cancelledBy = by;
  scope.cancel();
  return await scope.cancelRequested;
}

/** Tells one person something that only they see, beside the story. */
export function tellPrivately({ run, background }: RunContext, to: Person, message: PrivateMessage): void {
  const { shortId, origin } = run.input;
  background.attempt(() => sendPrivately({ to, shortId, origin, message }));
}

/** Waits for all that goes on beside the story, the answers to late signals, too. */
export async function settle({ background, ledger }: RunContext): Promise<void> {
  ledger.flush();
  await background.settle(() => ledger.flush());
}
