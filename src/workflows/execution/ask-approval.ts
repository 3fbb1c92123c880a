import type { Decision } from '../../approval/decision.js';
import { widened } from '../../approval/policy.js';
import type { Reachability } from '../../approval/possible-approvers.js';
import { coversEveryCall, isVerdict, type Outcome } from '../../approval/request.js';
import { isDangerous } from '../../run/execution/danger.js';
import { progressCall } from '../../run/execution/progress.js';
import { appliedRule, coverageOf, policyOfAsked } from '../../run/execution/rules.js';
import type { ContentBlock, ToolCall } from '../../run/execution/tools.js';
import type { OpenTurn } from '../../run/input.js';
import type { Subject } from '../../run/request.js';
import { askInThread, openInThread } from '../requests/ask-people.js';
import { findReachability, whyTooFew } from '../requests/check-approvers.js';
import type { OpenItem } from '../requests/open-item.js';
import { newItem, withEditorsOf } from '../requests/requests.js';
import { hasNewApprovers, policyOfNextRequest } from '../run.js';
import { editCall } from '../runtime/activities.js';
import { bestEffort } from '../runtime/best-effort.js';
import { reasonNotAsked } from './ask-question.js';
import { answerTo, type Execution, endCall } from './execution.js';

/** A call that people approved, perhaps as they edited it, or the answer that the model gets in place of its result. */
type Approved = { call: ToolCall } | { answer: ContentBlock };

/** Policy of a new request about a call; `isNew`: the policy file was changed, as far as the call is concerned. */
function policyOfCallNow({ context: { run }, rules }: Execution, call: ToolCall) {
  const policy = policyOfAsked(policyOfNextRequest(run), rules, call);
  return { policy, isNew: hasNewApprovers(run) || call.ruleNow !== undefined };
}

/** Finds out for each call if enough people can approve it: rules may name others than the policy, and editors may be left out. */
export async function findReachable(
  execution: Execution,
  calls: ToolCall[],
): Promise<Map<ToolCall, Reachability>> {
  const { context } = execution;
  const found = new Map<string, Reachability>();
  const reachable = new Map<ToolCall, Reachability>();
  for (const call of calls) {
    // A request that waited when the run continued as new keeps its approvers.
    const isCarried = context.requests.isCarried(subjectOf(execution, call));
    const next = { ...policyOfCallNow(execution, call), editors: call.edited?.by ?? [] };
    const key = JSON.stringify(next);
    const known = isCarried ? 'at-once' : (found.get(key) ?? (await findReachability(context, next)));
    if (!isCarried) found.set(key, known);
    reachable.set(call, known);
  }
  return reachable;
}

/** Opens one request for the calls that people must be asked about, with an item each. */
export function openRequest(
  execution: Execution,
  reachable: Map<ToolCall, Reachability>,
): Map<ToolCall, OpenItem> {
  const { context } = execution;
  const asked = [...reachable.keys()].filter((call) => reachable.get(call) !== 'never');
  if (asked.length === 0) return new Map();
  const items = asked.map((call, index) => {
    const { policy } = policyOfCallNow(execution, call);
    const own = reachable.get(call) === 'after-escalation' ? widened(policy) : policy;
    const item = newItem(
      context.run,
      {
        ...{ id: String(index + 1), subject: subjectOf(execution, call), digest: call.digest },
        takes: ['approve', 'reject', 'edit'],
        ...(isDangerous(call) && { alone: true }),
        ...(call.edited && { once: true }),
      },
      own,
    );
    return withEditorsOf(call, item);
  });
  const opened = openInThread(context, items);
  return new Map(
    asked.flatMap((call, index) => {
      const open = opened[index];
      if (!open) return [];
      open.checkEdit = (decision) => checkEdit(execution, call, open, decision);
      return [[call, open]];
    }),
  );
}

function subjectOf({ state, rules }: Execution, call: ToolCall): Subject {
  const stepTitle = state.steps[(call.step ?? 0) - 1]?.title;
  const rule = appliedRule(rules, call);
  return { kind: 'tool-call', call, ...(stepTitle && { stepTitle }), ...(rule && { rule }) };
}

/** Ends a call about which nobody could be asked. */
export function endUnasked(execution: Execution, call: ToolCall): ContentBlock {
  const why = whyTooFew(execution.context, policyOfCallNow(execution, call));
  const words = `Nobody could be asked about this call, so it was not made. ${why}.`;
  return endCall(execution, call, 'denied', words);
}

/** Asks people about a call, and about each edit of it. */
export async function askApproval(
  execution: Execution,
  turn: OpenTurn,
  call: ToolCall,
  open: OpenItem,
): Promise<Approved> {
  const { progress, context } = execution;
  progress.set(call, 'asking');
  let outcome: Outcome;
  try {
    outcome = await askInThread(context, open);
  } catch (error) {
    progress.set(call, 'refused');
    const words = `People could not be asked about this call, so it was not made: ${reasonNotAsked(error)}`;
    return { answer: answerTo(call, words, true) };
  }
  if (outcome.kind === 'approve') {
    if (coversEveryCall(outcome)) approveAllLike(execution, open, outcome);
    return { call };
  }
  if (outcome.kind === 'edit' && open.edited) return await askAboutEdit(execution, turn, open.edited);
  if (!isVerdict(outcome)) {
    const words = 'Nobody decided about this call in time, so it was not made. Go on without it.';
    return { answer: endCall(execution, call, 'expired', words) };
  }
  const { note } = outcome.decision;
  const why = note === '' ? 'They gave no reason.' : `Their reason: “${note}”.`;
  const words = `People rejected this call, so it was not made. ${why} Go on without it.`;
  return { answer: endCall(execution, call, 'rejected', words) };
}

/** Asks about a call as people edited it: a new item, with its own digest and its own votes. It takes the place of the model's call in the turn. */
async function askAboutEdit(execution: Execution, turn: OpenTurn, edited: ToolCall): Promise<Approved> {
  turn.calls = turn.calls.map((call) => (call.id === edited.id ? edited : call));
  execution.progress.set(edited, 'asking', progressCall(edited, 'asking').detail);
  const open = openRequest(execution, await findReachable(execution, [edited])).get(edited);
  if (!open) return { answer: endUnasked(execution, edited) };
  return await askApproval(execution, turn, edited, open);
}

const NOT_CHECKED = "I couldn't check it. Try again in a moment";
const NOBODY_LEFT =
  "nobody else could approve it, and you can't approve your own edit. Reject it, and say what should change";

/** Prepares an edit: the new arguments must fit the tool's schema and the policy, and enough others must be left who may approve them. */
async function checkEdit(
  execution: Execution,
  call: ToolCall,
  open: OpenItem,
  { by, input = {} }: Decision,
): Promise<string | undefined> {
  const { context, rules } = execution;
  const { channel } = context.run.input;
  const { by: before = [], from = call.input } = call.edited ?? {};
  let checked = { problem: NOT_CHECKED } as Awaited<ReturnType<typeof editCall>>;
  await bestEffort(async () => {
    checked = await editCall({ call, input, edited: { by: [...before, by], from }, channel, rules });
  });
  if ('problem' in checked) return checked.problem;
  const edited: ToolCall = checked.call;
  // The file may have changed while people were asked.
  context.run.filePolicy = checked.policy;
  const reachable = await findReachable(execution, [edited]);
  if (reachable.get(edited) === 'never') return NOBODY_LEFT;
  open.edited = edited;
  return undefined;
}

/** Approves every later call of the same coverage, and those that wait, too; but none that people edited. */
function approveAllLike({ context, state }: Execution, approved: OpenItem, outcome: Outcome): void {
  const coverage = coverageOfItem(approved);
  if (coverage === undefined) return;
  state.approvedCalls.push(coverage);
  for (const open of context.requests.waiting) {
    if (coverageOfItem(open) === coverage && !isEdited(open)) open.endWith(outcome);
  }
}

function coverageOfItem({ item: { subject, policy } }: OpenItem): string | undefined {
  return subject.kind === 'tool-call' ? coverageOf(subject.rule, subject.call, policy.approvals) : undefined;
}

function isEdited({ item: { subject } }: OpenItem): boolean {
  return subject.kind === 'tool-call' && subject.call.edited !== undefined;
}
