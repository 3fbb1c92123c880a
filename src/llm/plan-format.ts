import { z } from 'zod';
import { cut } from '../platform/cut.js';
import { RemoteError } from '../platform/errors.js';
import { wellFormedData } from '../platform/well-formed.js';
import type { Plan, Source } from '../run/plan.js';

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

const lenientStep = z.union([
  z.string().transform((title) => ({ title, detail: '' })),
  z.object({ title: z.string(), detail: z.string().catch('') }),
]);

/** A plan from an endpoint without structured output. Parts may be missing. */
const lenient = z.object({
  title: z.string().catch(''),
  summary: z.string().catch(''),
  steps: z.array(lenientStep).min(1),
  risks: format.shape.risks.catch([]),
  sources: format.shape.sources.catch([]),
});

/**
 * Reads a plan from the model's answer: structured output, JSON in a fence or between prose, or Markdown. Only sources that the research
 * found are kept, because the model may invent others.
 *
 * @throws RemoteError (retryable) when the answer holds no plan.
 */
export function readPlan(text: string, goal: string, known: Source[]): Plan {
  const parsed = lenient.safeParse(json(text));
  const raw = parsed.success ? parsed.data : fromMarkdown(text);
  const urls = new Set(known.map(({ url }) => url));
  const plan: Plan = {
    title: tidy(raw.title) || cut(tidy(goal), 80),
    summary: raw.summary.trim(),
    steps: raw.steps
      .map((step) => ({ title: tidy(step.title), detail: step.detail.trim() }))
      .filter((step) => step.title !== ''),
    risks: raw.risks.map((risk) => risk.trim()).filter((risk) => risk !== ''),
    sources: raw.sources.filter(({ url }) => urls.has(url)),
  };
  if (plan.steps.length > 0) return wellFormedData(plan);
  throw new RemoteError('NoPlan', 'The answer of the model contains no plan.', { retryable: true });
}

function tidy(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Parses JSON that is the whole text, in a fence, or between prose. Undefined for any other text. */
function json(text: string): unknown {
  // No regular expression: some texts would keep one busy for seconds.
  const fences = text.split('```').filter((_, at) => at % 2 === 1);
  const candidates = [
    text,
    ...fences.map((fence) => fence.replace(/^json\s/, '')),
    text.slice(Math.max(text.indexOf('{'), 0), text.lastIndexOf('}') + 1),
  ];
  for (const candidate of candidates) {
    try {
      return JSON.parse(candidate);
    } catch {
      // The next candidate may be JSON.
    }
  }
  return undefined;
}

function fromMarkdown(text: string): Plan {
  const lines = text
    .split('\n')
    .map((line) => line.replaceAll(/\*\*|__/g, '').trim())
    .filter((line) => line !== '');
  const heading = lines.find((line) => /^#+\s/.test(line))?.replace(/^#+\s+/, '') ?? '';
  const items = lines.flatMap((line) => /^(?:\d+[.)]|[-*•])\s+(.*)$/s.exec(line)?.[1] ?? []);
  const prose = lines.filter((line) => !/^(?:#+|\d+[.)]|[-*•])\s/.test(line));
  const steps = (items.length > 0 ? items : prose).map((item) => {
    const [, title = item, detail = ''] = /^(.{3,80}?):\s+(.+)$/s.exec(item) ?? [];
    return { title, detail };
  });
  const summary = items.length > 0 ? (prose[0] ?? '') : '';
  return { title: heading, summary, steps, risks: [], sources: [] };
}
