import type { PlanStep } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { FollowUp } from './input.js';

/** A page that the research found. `url` is http or https. */
export interface Source {
  title: string;
  url: string;
}

/** The result of `searchWeb`: a summary in Markdown and the pages it rests on. */
export interface Research {
  summary: string;
  sources: Source[];
}

/** A plan, as people approve it. */
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

/** The material for a plan. */
export interface PlanBrief {
  goal: string;
  research: Research;
  /** Set for a new revision: the plan before it, and the changes that a person asked for. */
  previous?: { plan: Plan; feedback: string };
  followUp?: FollowUp;
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

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };

/** Adds up two usages. The sum has no cost when one of them has none. */
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
