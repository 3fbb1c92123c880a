import { z } from 'zod';
import { RemoteError } from '../../platform/errors.js';
import type { Plan, Source } from '../../run/plan.js';
import { excerpt } from '../content/excerpt.js';
import { findJson } from './plan-json.js';
import { planInMarkdown } from './plan-markdown.js';
import { findPlan, isText, readPlanSources, readRisks, tidy } from './plan-parts.js';

const format = z.object({
  title: z.string(),
  summary: z.string(),
  steps: z.array(z.object({ title: z.string(), detail: z.string() })),
  risks: z.array(z.string()),
  sources: z.array(z.object({ title: z.string(), url: z.string() })),
});

const { $schema: _, ...schema } = z.toJSONSchema(format);

/** JSON schema of a plan, for structured output. */
export const PLAN_FORMAT = { type: 'json_schema' as const, schema: schema as Record<string, unknown> };

/**
 * Reads a plan from the model's answer: structured output, JSON in a fence or between prose, or lists in Markdown. The first whole object
 * with steps counts. Unreadable parts of it are left out, one by one.
 *
 * @throws RemoteError `NoPlan` when the answer holds no steps. The message says what is wrong with it.
 */
export function readPlan(text: string, goal: string, known: Source[]): Plan {
  let problem: string | undefined;
  for (const found of findJson(text)) {
    // A list counts only where no broken object holds it: risks are a list, too.
    const isPart = problem !== undefined && 'value' in found && Array.isArray(found.value);
    const plan = 'value' in found && !isPart ? findPlan(found.value) : undefined;
    if (plan) {
      const { title, summary, risks, sources } = plan.fields;
      return {
        title: (isText(title) && tidy(title)) || titleOf(goal),
        summary: isText(summary) ? summary.trim() : '',
        steps: plan.steps,
        risks: readRisks(risks),
        sources: readPlanSources(sources, known),
      };
    }
    problem ??= found.problem ? `its JSON can't be read: ${found.problem}` : 'its JSON holds no steps';
  }
  // JSON that can't be read is no Markdown: its lines would become steps.
  const isJson = /"(?:plan|title|summary|steps)"\s*:/.test(text);
  const plan = isJson ? undefined : planInMarkdown(text);
  if (plan) return { ...plan, title: tidy(plan.title) || titleOf(goal), sources: [] };
  throw new RemoteError('NoPlan', isJson && problem ? problem : 'it holds no list of steps');
}

function titleOf(goal: string): string {
  return excerpt(goal, 80);
}
