import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { ToolRule } from '../../approval/policy.js';
import { isVerdict, type Outcome, type Verdict } from '../../approval/request.js';
import { addTurn, DEFAULT_BUDGET, findSpentPart, grantAgain, NOTHING_SPENT } from '../../run/budget.js';
import { type Exchange, resultBlock, type Turn, textBlock } from '../../run/conversation.js';
import type { CallOutcome } from '../../run/event.js';
import type { ExecutionState } from '../../run/input.js';
import type { PlanRevision } from '../../run/plan.js';
import { stepsOf } from '../../run/progress.js';
import { BUDGET_CHOICES, type Subject } from '../../run/request.js';
import type { ContentBlock, ToolCall } from '../../run/tools.js';
import { type RunContext, stopRun } from '../run.js';
import { StepFailed } from '../try-step.js';
import { askPeople, type Question } from './ask-people.js';
import { Progress } from './progress.js';

/** Longest text of a tool's answer, and of the model's words in a turn, that goes into the ledger, in characters. */
const KEPT_CHARS = 2_000;

/** The execution of an approved plan: how far it is, under which rules, and its live message. */
export interface Execution {
  readonly context: RunContext;
  readonly planned: PlanRevision;
  readonly verdict: Verdict;
  readonly rules: ToolRule[];
  readonly state: ExecutionState;
  readonly progress: Progress;
  /** Time of the longest call of the turn: calls run side by side. In milliseconds. */
  callsTookMs: number;
}

/** Begins the execution, or goes on where a failed or continued run left off. */
export function beginExecution(context: RunContext, planned: PlanRevision, verdict: Verdict): Execution {
  const { run } = context;
  const { budget, tools: rules = [] } = run.input.policy;
  const begun = run.resume.execution;
  const state: ExecutionState = begun
    ? { ...begun, exchanges: closeOpenCalls(begun.exchanges) }
    : {
        exchanges: [],
        spent: NOTHING_SPENT,
        budget: { ...DEFAULT_BUDGET, ...budget },
        approvedTools: [],
        steps: stepsOf(planned.plan),
        otherCalls: [],
        sources: [],
        text: '',
        done: [],
      };
  run.resume.execution = state;
  const progress = new Progress(context, state);
  return { context, planned, verdict, rules, state, progress, callsTookMs: 0 };
}

/** Adds a turn of the model: its words, sources and cost. */
export function recordTurn({ state, context }: Execution, turn: Turn, tookMs: number): void {
  const { text, calls, usage, sources, content } = turn;
  state.spent = addTurn(state.spent, usage, tookMs);
  const known = new Set(state.sources.map(({ url }) => url));
  state.sources.push(...sources.filter(({ url }) => !known.has(url)));
  if (content.length > 0) append(state.exchanges, 'assistant', content);
  const names = calls.map(({ name }) => name);
  context.ledger.record('turned', { turn: state.spent.turns, text: clip(text), calls: names, usage });
}

/** Adds what the model is told next. */
export function appendUserMessage(execution: Execution, content: ContentBlock[]): void {
  const { state } = execution;
  append(state.exchanges, 'user', content);
  state.spent = { ...state.spent, timeMs: state.spent.timeMs + execution.callsTookMs };
  execution.callsTookMs = 0;
}

/** Counts a call that was made. */
export function countCall(execution: Execution, tookMs: number): void {
  const { state } = execution;
  state.spent = { ...state.spent, toolCalls: state.spent.toolCalls + 1 };
  execution.callsTookMs = Math.max(execution.callsTookMs, tookMs);
}

/** Notes that a call may have changed something: it stands in the report of a run that is stopped. */
export function recordSideEffect({ state }: Execution, { name }: ToolCall, effect: string): void {
  state.done.push(`${name}: ${effect}`);
}

/** Puts the outcome of a call on record. */
export function recordCall(
  { context }: Execution,
  { input: _, ...call }: ToolCall,
  outcome: CallOutcome,
  text: string,
  { cut = false }: { cut?: boolean } = {},
): void {
  const isCut = cut || text.length > KEPT_CHARS;
  context.ledger.record('tool-called', { call, outcome, text: clip(text), ...(isCut && { cut: true }) });
}

/** Goes on when the budget lets it, with `calls` more calls; else an approver can grant more. Throws when the run is to stop. */
export async function keepWithinBudget(execution: Execution, calls = 0): Promise<void> {
  const { state, context, progress } = execution;
  for (;;) {
    const { budget, spent } = state;
    const isTooSmall = spent.toolCalls + calls > budget.toolCalls;
    const part = findSpentPart(budget, spent) ?? (isTooSmall ? 'toolCalls' : undefined);
    // Calls that were made up to the limit don't keep the model from saying what came of them.
    if (!part || (part === 'toolCalls' && calls === 0)) return;
    progress.setWaiting(true);
    const subject: Subject = { kind: 'budget', part, budget, spent };
    const answer = await askOrFail(context, { subject, choices: BUDGET_CHOICES, freeText: false });
    progress.setWaiting(false);
    const decision = isVerdict(answer) ? answer.decision : undefined;
    if (decision?.choice !== 'grant') {
      await stopRun(context, `its budget is spent (${part})`, decision?.by);
      return;
    }
    const first = { ...DEFAULT_BUDGET, ...context.run.input.policy.budget };
    state.budget = grantAgain(budget, first, part);
    context.ledger.record('granted', { part, budget: state.budget, by: decision.by });
  }
}

/** Asks people what must be decided before the run can go on; a run that can't ask fails. */
export async function askOrFail(context: RunContext, question: Question): Promise<Outcome> {
  try {
    return await askPeople(context, question);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const reason = error.cause?.message ?? error.message;
    const message = `Something must be decided before it can go on, and nobody could be asked: ${reason}`;
    throw new StepFailed({ step: 'execution', code: 'NobodyAsked', message });
  }
}

/** Two messages of one side in a row are one. */
function append(exchanges: Exchange[], role: Exchange['role'], content: ContentBlock[]): void {
  const last = exchanges.at(-1);
  if (last?.role === role) last.content = [...last.content, ...content];
  else exchanges.push({ role, content });
}

/** Answers the calls of an execution that failed in the middle of them: nobody knows whether they happened. */
function closeOpenCalls(exchanges: Exchange[]): Exchange[] {
  const last = exchanges.at(-1);
  if (last?.role !== 'assistant') return exchanges.map((exchange) => ({ ...exchange }));
  const open = last.content.filter((block) => block.type === 'tool_use');
  const words = 'The run failed before the answer to this call came. Whether it happened is not known.';
  const content = open.map(({ id }) => resultBlock(String(id), [textBlock(words)], true));
  return open.length === 0 ? exchanges : [...exchanges, { role: 'user', content }];
}

function clip(text: string): string {
  return text.length > KEPT_CHARS ? `${text.slice(0, KEPT_CHARS)}…` : text;
}
