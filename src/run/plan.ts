/** A page that the research found. `url` is http or https. */
export interface Source {
  title: string;
  url: string;
}

/** What `searchWeb` hands on: a summary in Markdown and the pages it rests on. */
export interface Research {
  summary: string;
  sources: Source[];
}

export interface PlanStep {
  title: string;
  /** One or two sentences; may be empty. */
  detail: string;
}

/** What a person approves. */
export interface Plan {
  title: string;
  summary: string;
  steps: PlanStep[];
  risks: string[];
  sources: Source[];
}

/** Tokens of one or more model calls. */
export interface Usage {
  /** All of the input, what was read from or written into the cache too. */
  inputTokens: number;
  outputTokens: number;
  /** Of the input: what came out of the prompt cache. */
  cachedTokens?: number;
  /** US dollars by the price table; undefined for a model that isn't in it. */
  costUsd?: number;
}

/**
 * The plan as one string, independent of the order of keys: the digest that a button carries is taken over it,
 * so two plans share a digest exactly when a person would read the same plan.
 */
export function canonicalPlan(plan: Plan): string {
  return JSON.stringify([
    plan.title,
    plan.summary,
    plan.steps.map((step) => [step.title, step.detail]),
    plan.risks,
    plan.sources.map((source) => [source.title, source.url]),
  ]);
}
