import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { widened } from '../../approval/policy.js';
import type { Reachability } from '../../approval/possible-approvers.js';
import { coversEveryCall, isVerdict, type Outcome } from '../../approval/request.js';
import { ASK_PERSON, MARK_STEP, readMark, readQuestion } from '../../run/execution/own-tools.js';
import { appliedRule, coverageOf, policyOfAsked } from '../../run/execution/rules.js';
import type { ContentBlock, ToolCall } from '../../run/execution/tools.js';
import type { OpenTurn } from '../../run/input.js';
import { answerText, type Subject } from '../../run/request.js';
import { asksOthers, stricterPolicy } from '../../run/stricter-policy.js';
import { askInThread, openInThread } from '../requests/ask-people.js';
import { findReachability, whyTooFew } from '../requests/check-approvers.js';
import type { OpenItem } from '../requests/open-item.js';
import { newItem } from '../requests/requests.js';
import { hasNewApprovers, policyOfNextRequest } from '../run.js';
import { askQuestion, reasonNotAsked } from './ask-question.js';
import { answerTo, type Execution, endCall, ruleOf } from './execution.js';
import { makeCall } from './make-call.js';

/**
 * Answers the calls of one turn, side by side; those that were answered before the run continued as new are not made again. When one fails for good
 * the others are cancelled, and when the run is cancelled all are: each is settled before that is thrown.
 */
export async function answerCalls(execution: Execution, turn: OpenTurn): Promise<ContentBlock[]> {
  const { calls, answers: known } = turn;
  const { branches } = execution.context;
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  forgetStaleApprovals(execution);
  const toAsk = calls.filter(
    (call) => !known[call.id] && turn.lost[call.id] === undefined && mustAsk(execution, call),
  );
  const reachable = await findReachable(execution, toAsk);
  const answers = await scope.run(() => {
    const asked = openRequest(execution, reachable);
    branches.open = calls.filter(({ id }) => !known[id]).length;
    return Promise.all(
      calls.map(async (call) => {
        if (known[call.id]) return known[call.id];
        const how = toAsk.includes(call) ? (asked.get(call) ?? 'nobody') : undefined;
        try {
          const answer = await answerCall(execution, turn, call, how);
          known[call.id] = answer;
          return answer;
        } catch (error) {
          failures.push(error);
          scope.cancel();
          return undefined;
        } finally {
          branches.open -= 1;
        }
      }),
    );
  });
  branches.open = 1;
  if (failures.length > 0) throw failures.find((error) => !isCancellation(error)) ?? failures[0];
  return answers.filter((answer) => answer !== undefined);
}

/** Drops `Approve all` where others must approve now, by the policy file, than those who were asked. */
function forgetStaleApprovals({ context: { run }, state }: Execution): void {
  const { policy } = run.input;
  const before = stricterPolicy(policy, state.filePolicy);
  if (asksOthers(before, stricterPolicy(policy, run.filePolicy))) state.approvedCalls = [];
  state.filePolicy = run.filePolicy;
}

/** Policy of a new request about a call; `isNew`: the policy file was changed, as far as the call is concerned. */
function policyOfCallNow({ context: { run }, rules }: Execution, call: ToolCall) {
  const policy = policyOfAsked(policyOfNextRequest(run), rules, call);
  return { policy, isNew: hasNewApprovers(run) || call.ruleNow !== undefined };
}

/** Finds out for each call if enough people can approve it: rules may name others than the policy. */
async function findReachable(execution: Execution, calls: ToolCall[]): Promise<Map<ToolCall, Reachability>> {
  const { context } = execution;
  const found = new Map<string, Reachability>();
  const reachable = new Map<ToolCall, Reachability>();
  for (const call of calls) {
    // A request that waited when the run continued as new keeps its approvers.
    const isCarried = context.requests.isCarried(subjectOf(execution, call));
    const next = policyOfCallNow(execution, call);
    const key = JSON.stringify(next);
    const known = isCarried ? 'at-once' : (found.get(key) ?? (await findReachability(context, next)));
    if (!isCarried) found.set(key, known);
    reachable.set(call, known);
  }
  return reachable;
}

/** Opens one request for the calls that people must be asked about, with an item each. */
function openRequest(execution: Execution, reachable: Map<ToolCall, Reachability>): Map<ToolCall, OpenItem> {
  const { context } = execution;
  const asked = [...reachable.keys()].filter((call) => reachable.get(call) !== 'never');
  if (asked.length === 0) return new Map();
  const items = asked.map((call, index) => {
    const item = { id: String(index + 1), subject: subjectOf(execution, call), digest: call.digest };
    const { policy } = policyOfCallNow(execution, call);
    const own = reachable.get(call) === 'after-escalation' ? widened(policy) : policy;
    return newItem(context.run, { ...item, takes: ['approve', 'reject'] }, own);
  });
  const opened = openInThread(context, items);
  return new Map(asked.flatMap((call, index) => (opened[index] ? [[call, opened[index]]] : [])));
}

function subjectOf({ state, rules }: Execution, call: ToolCall): Subject {
  const stepTitle = state.steps[(call.step ?? 0) - 1]?.title;
  const rule = appliedRule(rules, call);
  return { kind: 'tool-call', call, ...(stepTitle && { stepTitle }), ...(rule && { rule }) };
}

function mustAsk(execution: Execution, call: ToolCall): boolean {
  const { rules, state } = execution;
  const { name, known, problem } = call;
  const isCalled = known && !problem && name !== MARK_STEP.name && name !== ASK_PERSON.name;
  const isApproved = state.approvedCalls.includes(coverageOf(appliedRule(rules, call), call));
  return isCalled && ruleOf(execution, call) === 'ask' && !isApproved;
}

/** `asked`: people are asked about it; `nobody`: nobody is left who could be. */
async function answerCall(
  execution: Execution,
  turn: OpenTurn,
  call: ToolCall,
  asked?: OpenItem | 'nobody',
): Promise<ContentBlock> {
  if (call.problem) return answerTo(call, call.problem, true);
  if (call.name === MARK_STEP.name) return markStep(execution, call);
  if (call.name === ASK_PERSON.name) return await askPerson(execution, call);
  if (ruleOf(execution, call) === 'deny') {
    return endCall(execution, call, 'denied', 'The policy denies this call. Go on without it.');
  }
  if (!call.known) return answerTo(call, `There is no tool "${call.name}".`, true);
  if (asked === 'nobody') {
    const why = whyTooFew(execution.context, policyOfCallNow(execution, call));
    return endCall(
      execution,
      call,
      'denied',
      `Nobody could be asked about this call, so it was not made. ${why}.`,
    );
  }
  const refused = asked && (await askApproval(execution, call, asked));
  return refused ?? (await makeCall(execution, turn, call));
}

function markStep({ state, progress }: Execution, call: ToolCall): ContentBlock {
  const steps = state.steps.length;
  const mark = readMark(call.input, steps);
  if (!mark) {
    return answerTo(call, `mark_step takes a step from 1 to ${steps} and a status, done or failed.`, true);
  }
  progress.mark(mark.step, mark.status, mark.note);
  return answerTo(call, 'Noted.');
}

/** Puts the model's own question: the model gets the answer, or hears truthfully that there was none. */
async function askPerson({ context, progress }: Execution, call: ToolCall): Promise<ContentBlock> {
  const question = readQuestion(call.input);
  if (!question) return answerTo(call, 'ask_person takes a question.', true);
  const { text, options, to } = question;
  const choices = options.map((label, index) => ({ id: String(index + 1), label }));
  progress.set(call, 'asking');
  try {
    const decision = await askQuestion(context, { kind: 'question', text, to }, choices);
    progress.set(call, decision ? 'done' : 'failed');
    if (!decision) return answerTo(call, 'Nobody answered before the deadline.');
    const answer = answerText(choices, decision);
    return answerTo(call, `The answer, which is no approval of anything else: ${answer}`);
  } catch (error) {
    progress.set(call, 'failed');
    return answerTo(call, `Nobody could be asked: ${reasonNotAsked(error)}`, true);
  }
}

/** Asks people about a call. Undefined when they approved it; else the answer that the model gets. */
async function askApproval(
  execution: Execution,
  call: ToolCall,
  open: OpenItem,
): Promise<ContentBlock | undefined> {
  const { progress, context } = execution;
  progress.set(call, 'asking');
  try {
    const outcome = await askInThread(context, open);
    if (outcome.kind === 'approve') {
      if (coversEveryCall(outcome)) approveAllLike(execution, open, outcome);
      return undefined;
    }
    if (!isVerdict(outcome)) {
      const words = 'Nobody decided about this call in time, so it was not made. Go on without it.';
      return endCall(execution, call, 'expired', words);
    }
    const { note } = outcome.decision;
    const why = note === '' ? 'They gave no reason.' : `Their reason: “${note}”.`;
    const words = `People rejected this call, so it was not made. ${why} Go on without it.`;
    return endCall(execution, call, 'rejected', words);
  } catch (error) {
    progress.set(call, 'refused');
    const words = `People could not be asked about this call, so it was not made: ${reasonNotAsked(error)}`;
    return answerTo(call, words, true);
  }
}

/** Approves every later call of the tool that the same rule asks about, and those that wait, too. */
function approveAllLike({ context, state }: Execution, approved: OpenItem, outcome: Outcome): void {
  const coverage = coverageOfItem(approved);
  if (coverage === undefined) return;
  state.approvedCalls.push(coverage);
  for (const open of context.requests.waiting) if (coverageOfItem(open) === coverage) open.endWith(outcome);
}

function coverageOfItem({ item: { subject } }: OpenItem): string | undefined {
  return subject.kind === 'tool-call' ? coverageOf(subject.rule, subject.call) : undefined;
}
