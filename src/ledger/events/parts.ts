import { z } from 'zod';
import { DECISION_KINDS, type Decision, type PlanStep } from '../../approval/decision.js';
import { END_STATES, type Refusal } from '../../approval/judge.js';
import type { Person } from '../../approval/person.js';
import type { ApprovalPolicy, Budget, ToolRule } from '../../approval/policy.js';
import type { Outcome } from '../../approval/request.js';
import type { CardState } from '../../run/card.js';
import type { LedgerHead } from '../../run/event.js';
import type { EditedCall, ToolCall } from '../../run/execution/tools.js';
import type { MessageRef } from '../../run/message.js';
import type { Plan, Source, Usage } from '../../run/plan.js';
import type { RequestItem, Subject } from '../../run/request.js';
import { GONE_REASONS, RUN_STEPS, type RunEnd, type RunFailure } from '../../run/state.js';
import { flag, list, number, object, oneOf, optional, text, texts, union } from './schema.js';

export const person: z.ZodType<Person> = object({ user: text, team: text, enterprise: optional(text) });
export const messageRef: z.ZodType<MessageRef> = object({ channel: text, ts: text, thread: optional(text) });

const step: z.ZodType<PlanStep> = object({ title: text, detail: text });
const kind = z.enum(DECISION_KINDS);
export const decision: z.ZodType<Decision> = object({
  kind,
  request: text,
  revision: number,
  items: list(object({ id: text, digest: text })),
  by: person,
  clickedOn: optional(text),
  note: text,
  at: text,
  slackAt: optional(text),
  steps: optional(list(step)),
  until: optional(text),
  input: optional(z.record(text, z.unknown())),
  choice: optional(text),
  everyCall: optional(flag),
});
const decisions = list(decision);

export const budget: z.ZodType<Budget> = object({
  turns: number,
  toolCalls: number,
  tokens: number,
  costUsd: number,
  timeMs: number,
});
export const budgetPart: z.ZodType<keyof Budget> = oneOf({
  turns: true,
  toolCalls: true,
  tokens: true,
  costUsd: true,
  timeMs: true,
});
const toolRule: z.ZodType<ToolRule> = object({
  match: text,
  rule: oneOf({ allow: true, ask: true, deny: true }),
  where: optional(z.record(text, z.array(z.union([text, number, flag])))),
  channels: optional(texts),
  approvers: optional(texts),
  approvals: optional(number),
});
export const policy: z.ZodType<ApprovalPolicy> = object({
  approvers: texts,
  approvals: number,
  requesterMayApprove: flag,
  expiresAfterMs: number,
  remindAfterMs: optional(list(number)),
  escalate: optional(object({ afterMs: number, to: texts })),
  notify: optional(flag),
  team: optional(text),
  enterprise: optional(text),
  tools: optional(list(toolRule)),
  budget: optional(
    object({
      turns: optional(number),
      toolCalls: optional(number),
      tokens: optional(number),
      costUsd: optional(number),
      timeMs: optional(number),
    }),
  ),
});

export const usage: z.ZodType<Usage> = object({
  inputTokens: number,
  outputTokens: number,
  cachedTokens: optional(number),
  costUsd: optional(number),
});
export const source: z.ZodType<Source> = object({ title: text, url: text });
export const plan: z.ZodType<Plan> = object({
  title: text,
  summary: text,
  steps: list(step),
  risks: texts,
  sources: list(source),
});

const callFacts = {
  id: text,
  name: text,
  aliases: optional(texts),
  digest: text,
  sentence: optional(text),
  step: optional(number),
  reason: optional(text),
  readOnly: flag,
  destructive: optional(z.literal(true)),
  definition: optional(text),
  ruleNow: optional(toolRule),
  known: flag,
  problem: optional(text),
};
export const callWithoutInput: z.ZodType<Omit<ToolCall, 'input' | 'edited'>> = object(callFacts);
const input = z.record(text, z.unknown());
const edited = optional(object<EditedCall>({ by: list(person), from: input }));
const call: z.ZodType<ToolCall> = object({ ...callFacts, input, edited });

const verdict = { decision, votes: decisions };
export const outcome: z.ZodType<Outcome> = union('kind', {
  approve: verdict,
  reject: verdict,
  changes: verdict,
  edit: verdict,
  answer: verdict,
  expired: { at: text },
  withdrawn: {},
});

const subject: z.ZodType<Subject> = union('kind', {
  plan: { title: text },
  'tool-call': { call, stepTitle: optional(text), rule: optional(toolRule) },
  question: {
    text,
    to: oneOf({ requester: true, approvers: true }),
    tool: optional(text),
    choicesOnly: optional(flag),
  },
  'lost-call': { call, why: text },
  budget: { part: budgetPart, budget, spent: budget },
});
export const requestItem: z.ZodType<RequestItem> = object({
  id: text,
  digest: text,
  takes: list(kind),
  choices: optional(list(object({ id: text, label: text, forRequester: optional(flag) }))),
  freeText: optional(flag),
  alone: optional(z.literal(true)),
  once: optional(z.literal(true)),
  policy,
  editors: optional(list(person)),
  votes: decisions,
  expiresAt: text,
  outcome: optional(outcome),
  subject,
});

export const refusal: z.ZodType<Refusal> = union('reason', {
  'not-an-approver': {},
  'four-eyes': {},
  edited: {},
  unsure: { groups: texts },
  'no-longer-an-approver': {},
  'unknown-person': {},
  'bad-edit': { problem: text },
  'bad-extension': { problem: text },
  'other-request': {},
  'other-message': {},
  'not-offered': {},
  'stale-revision': { current: number },
  'wrong-digest': {},
  'already-voted': {},
  'already-decided': { decision },
  over: { state: z.enum(END_STATES) },
});

const failure: z.ZodType<RunFailure> = object({ step: z.enum(RUN_STEPS), code: text, message: text });
const why = z.enum(GONE_REASONS);
export const runEnd: z.ZodType<RunEnd> = union('state', {
  completed: { result: text, decision },
  rejected: { decision },
  expired: {},
  cancelled: { by: optional(person), why: optional(text) },
  failed: { failure },
  gone: { why },
});

const head = optional(object<LedgerHead>({ sequence: number, hash: text }));
export const cardState: z.ZodType<CardState> = union('kind', {
  waiting: {
    request: text,
    item: requestItem,
    unreachable: optional(object({ channel: text, reason: text })),
  },
  executing: { votes: decisions },
  completed: { votes: decisions, result: messageRef, direct: optional(flag), head },
  changed: { decision },
  rejected: { decision, head },
  expired: { at: text, head },
  cancelled: {
    at: text,
    by: optional(person),
    votes: decisions,
    why: optional(text),
    done: optional(texts),
    head,
  },
  failed: { failure, executionId: text, votes: decisions, done: optional(texts), head },
  retried: { by: optional(person) },
  gone: { at: text, why, votes: optional(decisions) },
});
