import { clip } from '../../platform/cut.js';
import type { Plan } from '../plan.js';
import type { Spent } from './budget.js';
import { nameWords } from './headline.js';
import { ASK_PERSON } from './own-tools.js';
import type { ToolCall } from './tools.js';

export type ProgressStatus = 'pending' | 'in_progress' | 'done' | 'failed';

/** A tool call under its step. `asking`: the call waits for approval. */
export interface ProgressCall {
  /** Id of the call. */
  id?: string;
  /** Says what it does: in the agent's words, else by its name. */
  headline: string;
  status: 'asking' | 'in_progress' | 'done' | 'failed' | 'refused';
  /** The shortened arguments, in one line. */
  detail: string;
}

export interface ProgressStep {
  title: string;
  status: ProgressStatus;
  calls: ProgressCall[];
  /** The model's words about the step; may be empty. */
  note: string;
}

/** Progress of an execution: one message in the thread, updated during the execution. */
export interface ProgressCard {
  kind: 'progress';
  shortId: string;
  title: string;
  steps: ProgressStep[];
  /** Calls without a step. */
  otherCalls: ProgressCall[];
  state: 'working' | 'waiting' | 'done' | 'stopped' | 'failed';
  spent: Spent;
}

/** True if no more progress follows. */
export function isOver({ state }: Pick<ProgressCard, 'state'>): boolean {
  return state !== 'working' && state !== 'waiting';
}

/** Limit for a call's headline and for its arguments under its step, in characters. */
const DETAIL_CHARS = 120;

/** Makes the initial steps of a plan. */
export function stepsOf(plan: Plan): ProgressStep[] {
  return plan.steps.map(({ title }) => ({ title, status: 'pending', calls: [], note: '' }));
}

export function progressCall(call: ToolCall, status: ProgressCall['status']): ProgressCall {
  const { name, input, sentence = nameWords(name) } = call;
  // A question's options are left out, because people see them with the question.
  const shown = name === ASK_PERSON.name ? { question: input.question } : input;
  const words = Object.entries(shown).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const line = (text: string) => clip(text.replaceAll(/\s+/g, ' '), DETAIL_CHARS);
  return { headline: line(sentence), status, detail: line(words.join(', ')) };
}

/** Derives a step's status. A running call, or calls without a mark of the model, mean in progress. Otherwise the model's mark counts. */
export function statusOf(step: ProgressStep): ProgressStep['status'] {
  const { calls, status } = step;
  if (calls.some((call) => call.status === 'asking' || call.status === 'in_progress')) return 'in_progress';
  return status === 'pending' && calls.length > 0 ? 'in_progress' : status;
}

/**
 * Settles the steps of a finished run. `completed`: the model has finished, so each step is done unless it was marked failed, or its
 * calls all failed or were refused. Otherwise an unfinished step stays open.
 */
export function finalSteps(steps: ProgressStep[], completed: boolean): ProgressStep[] {
  return steps.map((step) => {
    if (step.status === 'done' || step.status === 'failed') return step;
    const { calls } = step;
    const hasDone = calls.some(({ status }) => status === 'done');
    const hasFailed = calls.some(({ status }) => completed || status === 'failed');
    if (hasFailed && !hasDone) return { ...step, status: 'failed' };
    return completed ? { ...step, status: 'done' } : step;
  });
}
