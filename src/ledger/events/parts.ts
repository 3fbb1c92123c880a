import { z } from 'zod';
import type { Decision, PlanStep, ShownItem } from '../../approval/decision.js';
import type { Refusal } from '../../approval/judge.js';
import type { Person } from '../../approval/person.js';
import type { ApprovalPolicy, Budget, ToolRule } from '../../approval/policy.js';
import type { Choice, Outcome, Verdict } from '../../approval/request.js';
import type { CardState, Sealed } from '../../run/card.js';
import type { ToolCall } from '../../run/execution/tools.js';
import type { MessageRef } from '../../run/message.js';
import type { Plan, Source, Usage } from '../../run/plan.js';
import type { RequestItem, Subject } from '../../run/request.js';
import type { GoneOutcome, RunEnd, RunFailure } from '../../run/state.js';
import { number, object, oneOf, optional, type Shape, text, texts } from './schema.js';

export const person = object<Person>({ user: text, team: text, enterprise: optional(text) });
export const messageRef = object<MessageRef>({ channel: text, ts: text, thread: optional(text) });

const step = object<PlanStep>({ title: text, detail: text });
const kind = oneOf<Decision['kind']>({
  approve: true,
  reject: true,
  changes: true,
  edit: true,
  extend: true,
  answer: true,
});
export const decision = object<Decision>({
  kind,
  request: text,
  revision: number,
  items: z.array(object<ShownItem>({ id: text, digest: text })),
  by: person,
  note: text,
  at: text,
  slackAt: optional(text),
  steps: optional(z.array(step)),
  choice: optional(text),
  everyCall: optional(z.boolean()),
});
const decisions = z.array(decision);

const amounts: Shape<Budget> = {
  turns: number,
  toolCalls: number,
  tokens: number,
  costUsd: number,
  timeMs: number,
};
export const budget = object<Budget>(amounts);
export const budgetPart = oneOf<keyof Budget>({
  turns: true,
  toolCalls: true,
  tokens: true,
  costUsd: true,
  timeMs: true,
});
export const policy = object<ApprovalPolicy>({
  approvers: texts,
  approvals: number,
  requesterMayApprove: z.boolean(),
  expiresAfterMs: number,
  remindAfterMs: optional(z.array(number)),
  escalate: optional(object<{ afterMs: number; to: string[] }>({ afterMs: number, to: texts })),
  notify: optional(z.boolean()),
  team: optional(text),
  enterprise: optional(text),
  tools: optional(
    z.array(
      object<ToolRule>({
        match: text,
        rule: oneOf<ToolRule['rule']>({ allow: true, ask: true, deny: true }),
      }),
    ),
  ),
  budget: optional(
    object<Partial<Budget>>({
      turns: optional(number),
      toolCalls: optional(number),
      tokens: optional(number),
      costUsd: optional(number),
      timeMs: optional(number),
    }),
  ),
});

export const usage = object<Usage>({
  inputTokens: number,
  outputTokens: number,
  cachedTokens: optional(number),
  costUsd: optional(number),
});
export const source = object<Source>({ title: text, url: text });
export const plan = object<Plan>({
  title: text,
  summary: text,
  steps: z.array(step),
  risks: texts,
  sources: z.array(source),
});

const callFacts: Shape<Omit<ToolCall, 'input'>> = {
  id: text,
  name: text,
  digest: text,
  step: optional(number),
  reason: optional(text),
  readOnly: z.boolean(),
  known: z.boolean(),
};
export const callWithoutInput = object<Omit<ToolCall, 'input'>>(callFacts);
const call = object<ToolCall>({ ...callFacts, input: z.record(text, z.unknown()) });

type Of<T extends { kind: string }, K extends T['kind']> = Extract<T, { kind: K }>;

export const outcome: z.ZodType<Outcome> = z.union([
  object<Verdict>({
    kind: oneOf<Verdict['kind']>({ approve: true, reject: true, changes: true, edit: true, answer: true }),
    decision,
    votes: decisions,
  }),
  object<Of<Outcome, 'expired'>>({ kind: z.literal('expired'), at: text }),
  object<Of<Outcome, 'withdrawn'>>({ kind: z.literal('withdrawn') }),
]);

const subject: z.ZodType<Subject> = z.union([
  object<Of<Subject, 'plan'>>({ kind: z.literal('plan'), title: text }),
  object<Of<Subject, 'tool-call'>>({ kind: z.literal('tool-call'), call, stepTitle: optional(text) }),
  object<Of<Subject, 'question'>>({
    kind: z.literal('question'),
    text,
    to: oneOf<Of<Subject, 'question'>['to']>({ requester: true, approvers: true }),
  }),
  object<Of<Subject, 'lost-call'>>({ kind: z.literal('lost-call'), call, why: text }),
  object<Of<Subject, 'budget'>>({ kind: z.literal('budget'), part: budgetPart, budget, spent: budget }),
]);
export const requestItem = object<RequestItem>({
  id: text,
  digest: text,
  takes: z.array(kind),
  choices: optional(z.array(object<Choice>({ id: text, label: text, forRequester: optional(z.boolean()) }))),
  freeText: optional(z.boolean()),
  policy,
  editors: optional(z.array(person)),
  votes: decisions,
  expiresAt: text,
  outcome: optional(outcome),
  subject,
});

type Refused<R extends Refusal['reason']> = Extract<Refusal, { reason: R }>;
type Bare = Exclude<Refusal['reason'], 'unsure' | 'bad-edit' | 'stale-revision' | 'already-decided' | 'over'>;
export const refusal: z.ZodType<Refusal> = z.union([
  object<{ reason: Bare }>({
    reason: oneOf<Bare>({
      'not-an-approver': true,
      'four-eyes': true,
      edited: true,
      'no-longer-an-approver': true,
      'unknown-person': true,
      'other-request': true,
      'not-offered': true,
      'wrong-digest': true,
      'already-voted': true,
    }),
  }),
  object<Refused<'unsure'>>({ reason: z.literal('unsure'), groups: texts }),
  object<Refused<'bad-edit'>>({ reason: z.literal('bad-edit'), problem: text }),
  object<Refused<'stale-revision'>>({ reason: z.literal('stale-revision'), current: number }),
  object<Refused<'already-decided'>>({ reason: z.literal('already-decided'), decision }),
  object<Refused<'over'>>({
    reason: z.literal('over'),
    state: oneOf<Refused<'over'>['state']>({
      completed: true,
      rejected: true,
      expired: true,
      cancelled: true,
      failed: true,
      gone: true,
    }),
  }),
]);

const failure = object<RunFailure>({
  step: oneOf<RunFailure['step']>({ search: true, plan: true, post: true, execution: true }),
  code: text,
  message: text,
});
const why = oneOf<GoneOutcome['why']>({ terminated: true, 'timed-out': true, failed: true, unknown: true });
type End<S extends RunEnd['state']> = Extract<RunEnd, { state: S }>;
export const runEnd: z.ZodType<RunEnd> = z.union([
  object<End<'completed'>>({ state: z.literal('completed'), result: text, decision }),
  object<End<'rejected'>>({ state: z.literal('rejected'), decision }),
  object<End<'expired'>>({ state: z.literal('expired') }),
  object<End<'cancelled'>>({ state: z.literal('cancelled'), by: optional(person), why: optional(text) }),
  object<End<'failed'>>({ state: z.literal('failed'), failure }),
  object<GoneOutcome>({ state: z.literal('gone'), why }),
]);

const sealed: Shape<Sealed> = {
  head: optional(object<NonNullable<Sealed['head']>>({ sequence: number, hash: text })),
};
export const cardState: z.ZodType<CardState> = z.union([
  object<Of<CardState, 'waiting'>>({
    kind: z.literal('waiting'),
    request: text,
    item: requestItem,
    asOf: text,
    unreachable: optional(object<{ channel: string; reason: string }>({ channel: text, reason: text })),
  }),
  object<Of<CardState, 'executing'>>({ kind: z.literal('executing'), votes: decisions }),
  object<Of<CardState, 'completed'>>({
    kind: z.literal('completed'),
    votes: decisions,
    result: messageRef,
    direct: optional(z.boolean()),
    ...sealed,
  }),
  object<Of<CardState, 'changed'>>({ kind: z.literal('changed'), decision }),
  object<Of<CardState, 'rejected'>>({ kind: z.literal('rejected'), decision, ...sealed }),
  object<Of<CardState, 'expired'>>({ kind: z.literal('expired'), at: text, ...sealed }),
  object<Of<CardState, 'cancelled'>>({
    kind: z.literal('cancelled'),
    at: text,
    by: optional(person),
    votes: decisions,
    why: optional(text),
    done: optional(texts),
    ...sealed,
  }),
  object<Of<CardState, 'failed'>>({
    kind: z.literal('failed'),
    failure,
    executionId: text,
    votes: decisions,
    ...sealed,
  }),
  object<Of<CardState, 'retried'>>({ kind: z.literal('retried'), by: optional(person) }),
  object<Of<CardState, 'gone'>>({ kind: z.literal('gone'), at: text, why }),
]);
