import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { coversEveryCall, isVerdict, type Outcome } from '../../approval/request.js';
import { ASK_PERSON, MARK_STEP, readMark, readQuestion } from '../../run/execution/own-tools.js';
import { type ContentBlock, ruleFor, type ToolCall } from '../../run/execution/tools.js';
import type { OpenTurn } from '../../run/input.js';
import { answerText } from '../../run/request.js';
import { askInThread, openInThread } from '../requests/ask-people.js';
import type { OpenItem } from '../requests/open-item.js';
import { newItem } from '../requests/requests.js';
import { askQuestion, reasonNotAsked } from './ask-question.js';
import { answerTo, type Execution, endCall } from './execution.js';
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
  const answers = await scope.run(() => {
    const open = calls.filter(({ id }) => !known[id]);
    const asked = openRequest(
      execution,
      open.filter(({ id }) => turn.lost[id] === undefined),
    );
    branches.open = open.length;
    return Promise.all(
      calls.map(async (call) => {
        if (known[call.id]) return known[call.id];
        try {
          const answer = await answerCall(execution, turn, call, asked.get(call));
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

/** Opens one request for the calls that people must be asked about, with an item each. */
function openRequest(execution: Execution, calls: ToolCall[]): Map<ToolCall, OpenItem> {
  const { context, state } = execution;
  const asked = calls.filter((call) => mustAsk(execution, call));
  if (asked.length === 0) return new Map();
  const items = asked.map((call, index) => {
    const stepTitle = state.steps[(call.step ?? 0) - 1]?.title;
    return newItem(context.run, {
      id: String(index + 1),
      subject: { kind: 'tool-call', call, ...(stepTitle && { stepTitle }) },
      digest: call.digest,
      takes: ['approve', 'reject'],
    });
  });
  const opened = openInThread(context, items);
  return new Map(asked.flatMap((call, index) => (opened[index] ? [[call, opened[index]]] : [])));
}

function mustAsk({ rules, state }: Execution, call: ToolCall): boolean {
  const { name, known } = call;
  const isCalled = known && name !== MARK_STEP.name && name !== ASK_PERSON.name;
  return isCalled && ruleFor(rules, call) === 'ask' && !state.approvedTools.includes(name);
}

async function answerCall(
  execution: Execution,
  turn: OpenTurn,
  call: ToolCall,
  asked?: OpenItem,
): Promise<ContentBlock> {
  if (call.name === MARK_STEP.name) return markStep(execution, call);
  if (call.name === ASK_PERSON.name) return await askPerson(execution, call);
  if (ruleFor(execution.rules, call) === 'deny') {
    return endCall(execution, call, 'denied', 'The policy denies this call. Go on without it.');
  }
  if (!call.known) return answerTo(call, `There is no tool "${call.name}".`, true);
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
      if (coversEveryCall(outcome)) approveTool(execution, call.name, outcome);
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

/** Every call of a tool is approved from now on, those that people are asked about just now, too. */
function approveTool({ context, state }: Execution, tool: string, outcome: Outcome): void {
  state.approvedTools.push(tool);
  for (const open of context.requests.waiting) {
    const { subject } = open.item;
    if (subject.kind === 'tool-call' && subject.call.name === tool) open.endWith(outcome);
  }
}
