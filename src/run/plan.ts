import type { PlanStep } from '../approval/decision.js';
import type { Person } from '../approval/person.js';

/** A page that the research found. `url` is http or https. */
export interface Source {
  title: string;
  url: string;
}

/** Result of `searchWeb`: a summary in Markdown and the pages that the summary rests on. */
export interface Research {
  summary: string;
  sources: Source[];
}

/** A plan, as a person approves it. */
export interface Plan {
  title: string;
  summary: string;
  steps: PlanStep[];
  risks: string[];
  sources: Source[];
}

/** A plan with its place in the run. */
export interface PlanRevision {
  plan: Plan;
  /** From 1. */
  revision: number;
  /** SHA-256 of the plan's canonical form, in hex. */
  digest: string;
  /** Set on a revision that a person made. */
  editedBy?: Person;
}

/** Tokens of one or more model calls. */
export interface Usage {
  /** All of the input, cached tokens too. */
  inputTokens: number;
  outputTokens: number;
  /** Part of the input that came out of the prompt cache. */
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
