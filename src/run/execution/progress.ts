import type { Plan } from '../plan.js';
import type { Spent } from './budget.js';
import { ASK_PERSON } from './own-tools.js';
import type { ToolCall } from './tools.js';

export type ProgressStatus = 'pending' | 'in_progress' | 'done' | 'failed';

/** A tool call under its step. `asking`: people are asked about the call. */
export interface ProgressCall {
  name: string;
  status: 'asking' | 'in_progress' | 'done' | 'failed' | 'refused';
  /** One line: the arguments, shortened. */
  detail: string;
}

export interface ProgressStep {
  title: string;
  status: ProgressStatus;
  calls: ProgressCall[];
  /** The model's words about the step; may be empty. */
  note: string;
}

/** How far the execution is: one message in the thread, which changes as the execution goes on. */
export interface ProgressCard {
  kind: 'progress';
  shortId: string;
  title: string;
  steps: ProgressStep[];
  /** Calls that the model gave no step. */
  otherCalls: ProgressCall[];
  state: 'working' | 'waiting' | 'done' | 'stopped' | 'failed';
  spent: Spent;
}

/** Limit for a call's arguments under its step, in characters. */
const DETAIL_CHARS = 120;

/** Makes the steps of a plan before any of it was done. */
export function stepsOf(plan: Plan): ProgressStep[] {
  return plan.steps.map(({ title }) => ({ title, status: 'pending', calls: [], note: '' }));
}

/** Describes a call for the line under its step. */
export function progressCall({ name, input }: ToolCall, status: ProgressCall['status']): ProgressCall {
  // Of a question people see the options where they answer it.
  const shown = name === ASK_PERSON.name ? { question: input.question } : input;
  const words = Object.entries(shown).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const detail = words.join(', ').replaceAll(/\s+/g, ' ');
  return {
    name,
    status,
    detail: detail.length > DETAIL_CHARS ? `${detail.slice(0, DETAIL_CHARS - 1)}…` : detail,
  };
}

/**
 * Derives a step's status: in progress while one of its calls is, or after calls as long as the model hasn't marked it; else as the
 * model has marked it.
 */
export function statusOf(step: ProgressStep): ProgressStep['status'] {
  const { calls, status } = step;
  if (calls.some((call) => call.status === 'asking' || call.status === 'in_progress')) return 'in_progress';
  return status === 'pending' && calls.length > 0 ? 'in_progress' : status;
}

/**
 * Settles the steps once the run is over. `completed`: the model has finished, so a step that it did not mark failed is done, unless its
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
