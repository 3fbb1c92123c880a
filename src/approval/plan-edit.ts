import type { PlanStep } from './decision.js';

/** Limits of an edited plan, which the modal in Slack has too: number of steps, and lengths in characters. */
export const EDIT_LIMITS = { steps: 50, title: 300, detail: 3000 } as const;

/** Reason for which an edit is refused, as a clause; undefined for a valid edit. */
export function problemOfEdit(
  before: readonly PlanStep[],
  after: readonly PlanStep[] = [],
): string | undefined {
  if (after.length === 0) return 'a plan needs at least one step';
  if (after.length > EDIT_LIMITS.steps) return `a plan has at most ${EDIT_LIMITS.steps} steps`;
  const isUnchanged = (step: PlanStep) => before.some((known) => isSame(known, step));
  // An unchanged step may be longer than the limits.
  for (const { title, detail } of after.filter((step) => !isUnchanged(step))) {
    if (title.trim() === '') return 'each step needs a title';
    if (title.length > EDIT_LIMITS.title) return `a title has at most ${EDIT_LIMITS.title} characters`;
    if (detail.length > EDIT_LIMITS.detail) return `a step has at most ${EDIT_LIMITS.detail} characters`;
  }
  const same = after.length === before.length && after.every((step, at) => isSame(step, before[at]));
  return same ? 'it changes nothing' : undefined;
}

function isSame(one: PlanStep, other: PlanStep | undefined): boolean {
  return one.title === other?.title && one.detail === other.detail;
}
