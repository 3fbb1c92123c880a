import type { PlanStep } from '../approval/decision.js';
import { showHidden } from '../approval/hidden-text.js';
import type { Person } from '../approval/person.js';
import type { FollowUp } from './input.js';

/** A page that the research found. `url` is http or https. */
export interface Source {
  title: string;
  url: string;
}

/** Result of `searchWeb`: a summary in Markdown, and its sources. */
export interface Research {
  summary: string;
  sources: Source[];
  /** Reason why the web could not be searched, in others' words. The summary is the model's own knowledge then. */
  unsearched?: string;
}

export interface Plan {
  title: string;
  summary: string;
  steps: PlanStep[];
  risks: string[];
  sources: Source[];
}

export interface PlanRevision {
  plan: Plan;
  /** From 1. */
  revision: number;
  /** SHA-256 of the plan's canonical form, in hex. */
  digest: string;
  /** Set on a revision that a person made. */
  editedBy?: Person;
}

/** Input for a plan. */
export interface PlanBrief {
  goal: string;
  research: Research;
  /** For a new revision: the previous plan, and the changes that a person asked for. */
  previous?: { plan: Plan; feedback: string };
  followUp?: FollowUp;
}

/** Tokens of one or more model calls. */
export interface Usage {
  /** Input tokens, including cached ones. */
  inputTokens: number;
  outputTokens: number;
  /** Input tokens that came from the prompt cache. */
  cachedTokens?: number;
  /** US dollars by the price table; undefined for a model without a price. */
  costUsd?: number;
}

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };

/** Adds two usages. The sum has a cost only if both have one. */
export function addUsage(one: Usage = NO_USAGE, other: Usage): Usage {
  const costUsd =
    one.costUsd === undefined || other.costUsd === undefined ? undefined : one.costUsd + other.costUsd;
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    cachedTokens: (one.cachedTokens ?? 0) + (other.cachedTokens ?? 0),
    ...(costUsd !== undefined && { costUsd }),
  };
}

/** The plan with all its texts as people read them. */
export function visiblePlan({ title, summary, steps, risks, sources }: Plan): Plan {
  return {
    title: showHidden(title),
    summary: showHidden(summary),
    steps: steps.map((step) => ({ title: showHidden(step.title), detail: showHidden(step.detail) })),
    risks: risks.map(showHidden),
    sources: sources.map((source) => ({ title: showHidden(source.title), url: showHidden(source.url) })),
  };
}

/** The plan as one string, for its digest. Two plans give the same string exactly when a person would read the same plan. */
export function canonicalPlan(plan: Plan): string {
  return JSON.stringify([
    plan.title,
    plan.summary,
    plan.steps.map((step) => [step.title, step.detail]),
    plan.risks,
    plan.sources.map((source) => [source.title, source.url]),
  ]);
}
