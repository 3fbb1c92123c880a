import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { Verdict } from '../approval/judge.js';
import { addTurn, DEFAULT_BUDGET, findSpentPart, grantAgain, NOTHING_SPENT } from '../run/budget.js';
import { type Exchange, resultBlock, type Turn, textBlock } from '../run/conversation.js';
import { stepsOf } from '../run/progress.js';
import type { ExecutionState, PlanRevision } from '../run/run.js';
import { type Answer, BUDGET_OPTIONS } from '../run/thread.js';
import type { ContentBlock, ToolCall, ToolRule } from '../run/tools.js';
import type { AskedCall } from './ask-about-call.js';
import { Progress } from './progress.js';
import type { Put } from './questions.js';
import { type Run, StepFailed } from './run.js';

/** So many characters of a tool's answer, and of what the model says in a turn, go into the ledger. */
const KEPT_CHARS = 2_000;

/** An execution: what was said and done so far, what it has used up, and who let what through. */
export class Execution {
  readonly state: ExecutionState;
  readonly progress: Progress;
  /** Calls that people are asked about just now. */
  readonly asked = new Set<AskedCall>();
  /** How long the calls of the turn took, the longest of them: they run side by side. */
  #callsTookMs = 0;

  constructor(
    readonly run: Run,
    readonly planned: PlanRevision,
    readonly verdict: Verdict,
  ) {
    const { budget } = run.input.policy;
    const begun = run.resume.execution;
    this.state = begun
      ? { ...begun, exchanges: answered(begun.exchanges) }
      : {
          exchanges: [],
          spent: NOTHING_SPENT,
          budget: { ...DEFAULT_BUDGET, ...budget },
          standing: [],
          steps: stepsOf(planned.plan),
          other: [],
          sources: [],
          text: '',
          done: [],
        };
    run.resume.execution = this.state;
    this.progress = new Progress(run, this.state);
  }

  get rules(): ToolRule[] {
    return this.run.input.policy.tools ?? [];
  }

  /** Adds what the model said. */
  took(turn: Turn, tookMs: number): void {
    const { state } = this;
    state.spent = addTurn(state.spent, turn.usage, tookMs);
    const known = new Set(state.sources.map(({ url }) => url));
    state.sources.push(...turn.sources.filter(({ url }) => !known.has(url)));
    if (turn.content.length > 0) append(state.exchanges, 'assistant', turn.content);
    const { text, calls, usage } = turn;
    const names = calls.map(({ name }) => name);
    this.run.record('turned', { turn: state.spent.turns, text: kept(text), calls: names, usage });
  }

  /** Adds what the model is told. */
  tell(content: ContentBlock[]): void {
    append(this.state.exchanges, 'user', content);
    this.state.spent = { ...this.state.spent, timeMs: this.state.spent.timeMs + this.#callsTookMs };
    this.#callsTookMs = 0;
  }

  /** A call was made, and took so long. */
  made(tookMs: number): void {
    const { spent } = this.state;
    this.state.spent = { ...spent, toolCalls: spent.toolCalls + 1 };
    this.#callsTookMs = Math.max(this.#callsTookMs, tookMs);
  }

  /** A call may have changed something: it stands in the report of a run that is stopped. */
  changed({ name }: ToolCall, what: string): void {
    this.state.done.push(`${name}: ${what}`);
  }

  record(call: ToolCall, outcome: string, text: string, cut?: boolean): void {
    const { input: _, ...about } = call;
    const shortened = cut || text.length > KEPT_CHARS;
    this.run.record('tool-called', {
      call: about,
      outcome,
      text: kept(text),
      ...(shortened && { cut: true }),
    });
    this.run.ledger.write();
  }

  /** All calls of a tool are approved from now on, those that people are asked about just now, too. */
  approveAll(tool: string, verdict: Verdict): void {
    this.state.standing.push(tool);
    for (const { id, call } of this.asked) if (call.name === tool) this.run.gate.adopt(id, verdict);
  }

  /** Goes on when the budget lets it, with `calls` more calls; else an approver can grant more. Throws when the run is to stop. */
  async withinBudget(calls = 0): Promise<void> {
    for (;;) {
      const { budget, spent } = this.state;
      const part =
        findSpentPart(budget, spent) ??
        (spent.toolCalls + calls > budget.toolCalls ? 'toolCalls' : undefined);
      // Calls that were made up to the limit don't keep the model from saying what came of them.
      if (!part || (part === 'toolCalls' && calls === 0)) return;
      const { run } = this;
      const first = { ...DEFAULT_BUDGET, ...run.input.policy.budget };
      this.progress.waits(true);
      const answer = await askOrFail(run, {
        asked: { what: 'budget', part, budget, spent },
        options: BUDGET_OPTIONS,
        freeText: false,
      });
      this.progress.waits(false);
      if (answer === 'expired' || answer.option !== 0) {
        await run.stop(`its budget is spent (${part})`, answer === 'expired' ? undefined : answer.by);
      } else {
        this.state.budget = grantAgain(budget, first, part);
        run.record('granted', { part, budget: this.state.budget, by: answer.by });
      }
    }
  }
}

/** Asks people what must be decided before the run can go on; a run that can't ask fails. */
export async function askOrFail(run: Run, put: Put): Promise<Answer | 'expired'> {
  try {
    return await run.questions.ask(put);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const message = `Something must be decided before it can go on, and nobody could be asked: ${error.cause?.message ?? error.message}`;
    throw new StepFailed({ step: 'execution', code: 'NobodyAsked', message });
  }
}

/** Two messages of one side in a row are one. */
function append(exchanges: Exchange[], role: Exchange['role'], content: ContentBlock[]): void {
  const last = exchanges.at(-1);
  if (last?.role === role) last.content = [...last.content, ...content];
  else exchanges.push({ role, content });
}

/** An execution that failed in the middle of its calls: the model is told that nobody knows of their answers. */
function answered(exchanges: Exchange[]): Exchange[] {
  const last = exchanges.at(-1);
  if (last?.role !== 'assistant') return exchanges.map((exchange) => ({ ...exchange }));
  const open = last.content.filter((block) => block.type === 'tool_use');
  const words = 'The run failed before the answer to this call came. Whether it happened is not known.';
  const content = open.map(({ id }) => resultBlock(String(id), [textBlock(words)], true));
  return open.length === 0 ? exchanges : [...exchanges, { role: 'user', content }];
}

function kept(text: string): string {
  return text.length > KEPT_CHARS ? `${text.slice(0, KEPT_CHARS)}…` : text;
}
