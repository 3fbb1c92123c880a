import type { PlanStep } from '../../approval/decision.js';
import type { Source } from '../../run/plan.js';

type Fields = Partial<Record<string, unknown>>;

/** Other names that models give to the fields of a step. */
const NAMES = {
  title: ['title', 'step', 'name', 'action', 'task', 'description'],
  detail: ['detail', 'details', 'description', 'text', 'explanation'],
} as const;

/** Limit for the nesting of a plan in other objects. */
const DEPTH = 3;

/** Finds the object with steps in an answer, which may be wrapped in others, as in `{"plan": {…}}`. */
export function findPlan(value: unknown, depth = 0): { fields: Fields; steps: PlanStep[] } | undefined {
  if (Array.isArray(value)) {
    const steps = readSteps(value);
    const isPlan = steps.length > 0 && steps.length === value.length;
    return isPlan ? { fields: {}, steps } : undefined;
  }
  if (!isFields(value)) return undefined;
  const steps = readSteps(value.steps);
  if (steps.length > 0) return { fields: value, steps };
  if (depth === DEPTH) return undefined;
  for (const [key, part] of Object.entries(value)) {
    // A list counts only under a name that says so: risks and sources are lists, too.
    if (Array.isArray(part) && !/plan|steps/i.test(key)) continue;
    const found = findPlan(part, depth + 1);
    if (found) return { ...found, fields: { ...value, ...found.fields } };
  }
  return undefined;
}

/** Reads steps one by one: texts, or objects with a title. Others are left out. */
function readSteps(steps: unknown): PlanStep[] {
  const items = Array.isArray(steps) ? steps : isFields(steps) ? Object.values(steps) : [];
  return items.flatMap((item) => {
    const fields: Fields = isFields(item) ? item : { title: item };
    const [title, detail] = [textOf(fields, NAMES.title), textOf(fields, NAMES.detail)];
    const tidied = tidy(title).replace(/^\d+[.)]\s+/, '');
    return tidied === '' ? [] : [{ title: tidied, detail: detail === title ? '' : detail.trim() }];
  });
}

/** Reads risks one by one: texts, or objects with one. */
export function readRisks(risks: unknown): string[] {
  const items = Array.isArray(risks) ? risks : [risks];
  return items
    .map((item) => (isFields(item) ? Object.values(item).filter(isText).join(': ') : item))
    .filter(isText)
    .map((risk) => risk.trim());
}

/** Reads sources one by one, and keeps those that the research found, because the model may invent others. */
export function readPlanSources(sources: unknown, known: Source[]): Source[] {
  const items = Array.isArray(sources) ? sources : [];
  return items.flatMap((item) => {
    const { url, title }: Fields = isFields(item) ? item : { url: item };
    const found = known.find((source) => source.url === url);
    return found ? [{ url: found.url, title: isText(title) ? title.trim() : found.title }] : [];
  });
}

export function tidy(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function textOf(fields: Fields, names: readonly string[]): string {
  return names.map((name) => fields[name]).find(isText) ?? '';
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
