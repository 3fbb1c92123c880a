import type { Rule, ToolRule } from '../../approval/policy.js';
import type { Verdict } from '../../approval/request.js';
import { clip } from '../../platform/cut.js';
import type { CallOutcome } from '../../run/event.js';
import { addTurn } from '../../run/execution/budget.js';
import { keepContext } from '../../run/execution/context.js';
import { type Exchange, resultBlock, type Turn, textBlock } from '../../run/execution/conversation.js';
import { shortHeadline } from '../../run/execution/headline.js';
import { stepsOf } from '../../run/execution/progress.js';
import { appliedRule, ruleFor } from '../../run/execution/rules.js';
import type { ContentBlock, ToolCall } from '../../run/execution/tools.js';
import type { ExecutionState } from '../../run/input.js';
import type { PlanRevision } from '../../run/plan.js';
import type { RunContext } from '../run.js';
import { askWhenSpent, budgetOf } from './budget.js';
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
}

/** Begins the execution, or goes on where a failed or continued run left off. */
export function beginExecution(context: RunContext, planned: PlanRevision, verdict: Verdict): Execution {
  const { run } = context;
  const { tools: rules = [] } = run.input.policy;
  const begun = run.resume.execution;
  const state: ExecutionState = begun
    ? { ...begun, ...(!run.openTurn && { exchanges: closeOpenCalls(begun.exchanges) }) }
    : {
        exchanges: [],
        ...budgetOf(run),
        approvedCalls: [],
        steps: stepsOf(planned.plan),
        otherCalls: [],
        sources: [],
        text: '',
        done: [],
      };
  run.resume.execution = state;
  const progress = new Progress(context, state);
  return { context, planned, verdict, rules, state, progress };
}

/** Adds a turn of the model: its words, sources and cost. */
export function recordTurn({ state, context }: Execution, turn: Turn, tookMs: number): void {
  const { text, calls, usage, sources, content, notes = [] } = turn;
  const refusedTools = turn.refusedTools?.map(({ name }) => name);
  keepContext(state, turn);
  state.spent = addTurn(state.spent, usage, tookMs);
  const known = new Set(state.sources.map(({ url }) => url));
  state.sources.push(...sources.filter(({ url }) => !known.has(url)));
  if (content.length > 0) append(state.exchanges, 'assistant', content);
  const names = calls.map(({ name }) => name);
  if (refusedTools) state.refusedTools = [...new Set([...(state.refusedTools ?? []), ...refusedTools])];
  context.ledger.record('turned', {
    turn: state.spent.turns,
    text: clip(text, KEPT_CHARS),
    calls: names,
    usage,
    ...(notes.length > 0 && { notes }),
    ...(refusedTools && { refusedTools }),
  });
}

/** Adds the user message that ends a turn. */
export function appendUserMessage(execution: Execution, content: ContentBlock[]): void {
  const { state, context } = execution;
  append(state.exchanges, 'user', content);
  const { tookMs = 0 } = context.run.openTurn ?? {};
  state.spent = { ...state.spent, timeMs: state.spent.timeMs + tookMs };
}

/** Counts a call that was made. */
export function countCall({ state, context }: Execution, tookMs: number): void {
  state.spent = { ...state.spent, toolCalls: state.spent.toolCalls + 1 };
  const { openTurn } = context.run;
  if (openTurn) openTurn.tookMs = Math.max(openTurn.tookMs, tookMs);
}

/** Notes that a call may have changed something: it stands in the report of a run that is stopped. */
export function recordSideEffect({ state }: Execution, call: ToolCall, effect: string): void {
  state.done.push(`${shortHeadline(call)}: ${effect}`);
}

/** Puts the outcome of a call on record. `cut`: the text is not all of its answer. */
export function recordCall(
  { context }: Execution,
  { input: _, edited: __, ...call }: ToolCall,
  outcome: CallOutcome,
  text: string,
  { cut = false } = {},
): void {
  const isCut = cut || text.length > KEPT_CHARS;
  context.ledger.record('tool-called', {
    call,
    outcome,
    text: clip(text, KEPT_CHARS),
    ...(isCut && { cut: true }),
  });
}

/** Status of a call in the progress message once it has this outcome. */
const SHOWN = {
  denied: 'refused',
  rejected: 'refused',
  expired: 'refused',
  failed: 'failed',
  happened: 'done',
} as const;

/** Ends a call in our words: they are its answer to the model, and go on record. */
export function endCall(
  execution: Execution,
  call: ToolCall,
  outcome: keyof typeof SHOWN,
  words: string,
): ContentBlock {
  execution.progress.set(call, SHOWN[outcome]);
  recordCall(execution, call, outcome, words);
  return answerTo(call, words, outcome !== 'happened');
}

/** Answer to a call in our words, as the model gets it. */
export function answerTo({ id }: Pick<ToolCall, 'id'>, words: string, isError = false): ContentBlock {
  return resultBlock(id, [textBlock(words)], isError);
}

/** Goes on when the budget lets it, with `calls` more calls. Throws when the run is to stop. */
export async function keepWithinBudget({ context, state, progress }: Execution, calls = 0): Promise<void> {
  const setWaiting = (isWaiting: boolean) => progress.setWaiting(isWaiting);
  await askWhenSpent(context, state, { step: 'execution', calls, setWaiting });
}

/** The rule for a call: the stricter of the run's and the policy file's. */
export function ruleOf({ rules }: Execution, call: ToolCall): Rule {
  return appliedRule(rules, call)?.rule ?? ruleFor(rules, call);
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
  const content = open.map(({ id }) => answerTo({ id: String(id) }, words, true));
  return open.length === 0 ? exchanges : [...exchanges, { role: 'user', content }];
}
