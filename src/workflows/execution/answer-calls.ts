import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { clip } from '../../platform/cut.js';
import { textBlock } from '../../run/execution/conversation.js';
import { ASK_PERSON, MARK_STEP, readMark, readQuestion } from '../../run/execution/own-tools.js';
import { appliedRule, coverageOf, policyOfAsked } from '../../run/execution/rules.js';
import type { ContentBlock, ToolCall } from '../../run/execution/tools.js';
import type { OpenTurn } from '../../run/input.js';
import { answerText } from '../../run/request.js';
import { asksOthers, stricterPolicy } from '../../run/stricter-policy.js';
import type { OpenItem } from '../requests/open-item.js';
import { policyOfNextRequest } from '../run.js';
import { askApproval, endUnasked, findReachable, openRequest } from './ask-approval.js';
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

function mustAsk(execution: Execution, call: ToolCall): boolean {
  const { rules, state, context } = execution;
  const { name, known, problem } = call;
  const isCalled = known && !problem && name !== MARK_STEP.name && name !== ASK_PERSON.name;
  const rule = ruleOf(execution, call);
  // The run continued as new while people were asked about their edit.
  if (call.edited) return isCalled && rule !== 'deny';
  const { approvals } = policyOfAsked(policyOfNextRequest(context.run), rules, call);
  const coverage = coverageOf(appliedRule(rules, call), call, approvals);
  return isCalled && rule === 'ask' && !state.approvedCalls.includes(coverage);
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
  if (asked === 'nobody') return endUnasked(execution, call);
  const approved = asked ? await askApproval(execution, turn, call, asked) : { call };
  if ('answer' in approved) return approved.answer;
  return sayEdit(approved.call, await makeCall(execution, turn, approved.call));
}

/** Limit for the edited arguments in an answer to the model, in characters. */
const EDIT_CHARS = 10_000;

/** Tells the model with the answer to a call how people had edited the call. */
function sayEdit({ input, edited }: ToolCall, answer: ContentBlock): ContentBlock {
  if (!edited) return answer;
  const words = `A person edited this call before it was approved. It was made with these arguments, not with yours: ${clip(JSON.stringify(input), EDIT_CHARS)}`;
  return { ...answer, content: [textBlock(words), ...(answer.content as ContentBlock[])] };
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
