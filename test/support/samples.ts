import type { Decision } from '../../src/approval/decision.js';
import type { Person } from '../../src/approval/person.js';
import { type ApprovalPolicy, DEFAULT_POLICY } from '../../src/approval/policy.js';
import type { Outcome } from '../../src/approval/request.js';
import type { Card, CardState } from '../../src/run/card.js';
import type { ProgressCard } from '../../src/run/execution/progress.js';
import type { ToolCall } from '../../src/run/execution/tools.js';
import type { RunInput } from '../../src/run/input.js';
import type { Plan } from '../../src/run/plan.js';
import type { RequestItem, RequestMessage, Subject } from '../../src/run/request.js';

export const ana: Person = { team: 'T1', user: 'UANA' };
export const ben: Person = { team: 'T1', user: 'UBEN' };
export const chloe: Person = { team: 'T1', user: 'UCHLOE' };

export const plan: Plan = {
  title: 'Release notes for 2.4',
  summary: 'Collect what changed, then write it up for users.',
  steps: [
    { title: 'Collect the changes', detail: 'Read the merged pull requests since 2.3.' },
    { title: 'Write the notes', detail: '' },
  ],
  risks: ['A change may be missing from the list.'],
  sources: [{ title: 'How to write release notes', url: 'https://docs.example.com/notes' }],
};

/** What a run of Ana's starts with. */
export function runInput(own: Partial<RunInput> = {}): RunInput {
  return {
    shortId: 'abcd2345',
    goal: 'Draft the release notes',
    requester: ana,
    origin: { channel: 'C1', at: new Date().toISOString() },
    channel: 'C1',
    policy: DEFAULT_POLICY,
    ...own,
  };
}

export function policyWith(own: Partial<ApprovalPolicy>): ApprovalPolicy {
  return { ...DEFAULT_POLICY, ...own };
}

/** A decision of Ana's about the plan of `cardWith`. */
export function decision(own: Partial<Decision> = {}): Decision {
  return {
    kind: 'approve',
    request: 'request-1',
    revision: 1,
    items: [{ id: 'plan', digest: 'd'.repeat(64) }],
    by: ana,
    note: '',
    at: '2026-11-24T10:00:00.000Z',
    ...own,
  };
}

/** The item of a plan that waits. */
export function planItem(own: Partial<RequestItem> = {}): RequestItem {
  return {
    id: 'plan',
    subject: { kind: 'plan', title: plan.title },
    digest: 'd'.repeat(64),
    takes: ['approve', 'reject', 'changes', 'edit', 'extend'],
    policy: DEFAULT_POLICY,
    votes: [],
    expiresAt: '2026-11-27T10:00:00.000Z',
    ...own,
  };
}

/** The state of a card that waits; `item` is what differs in its item. */
export function waiting(
  item: Partial<RequestItem> = {},
  own: Partial<Extract<CardState, { kind: 'waiting' }>> = {},
): CardState {
  return {
    kind: 'waiting',
    request: 'request-1',
    item: planItem(item),
    asOf: '2026-11-24T10:00:00.000Z',
    ...own,
  };
}

export function cardWith(state: CardState, own: Partial<Card> = {}): Card {
  const planned = { plan, revision: 1, digest: 'd'.repeat(64) };
  return { shortId: 'abcd2345', goal: 'Draft the release notes', requester: ana, planned, state, ...own };
}

export function toolCall(own: Partial<ToolCall> = {}): ToolCall {
  return {
    id: 'toolu_1',
    name: 'filesystem__write_file',
    input: { path: 'notes.md', content: '# Notes' },
    digest: 'c'.repeat(64),
    step: 2,
    reason: 'The notes go into the repository.',
    readOnly: false,
    known: true,
    ...own,
  };
}

/** The message of a tool call that people are asked about. */
export function toolMessage(own: Partial<RequestItem> = {}, call: Partial<ToolCall> = {}): RequestMessage {
  return requestMessage({
    id: '1',
    subject: { kind: 'tool-call', call: toolCall(call), stepTitle: 'Write the notes' },
    digest: 'c'.repeat(64),
    takes: ['approve', 'reject'],
    ...own,
  });
}

export const QUESTION: Extract<Subject, { kind: 'question' }> = {
  kind: 'question',
  text: 'Which release is meant?',
  to: 'requester',
};

/** The message of a question to people. */
export function questionMessage(own: Partial<RequestItem> = {}): RequestMessage {
  return requestMessage({
    id: 'question',
    subject: QUESTION,
    digest: '',
    takes: ['answer'],
    choices: [
      { id: '1', label: '2.4' },
      { id: '2', label: '2.5' },
    ],
    freeText: true,
    ...own,
  });
}

function requestMessage(own: Partial<RequestItem>): RequestMessage {
  const item = planItem(own);
  return { kind: 'request', shortId: 'abcd2345', requester: ana, request: 'request-7', revision: 1, item };
}

/** The end of an item by a decision. */
export function verdict(own: Partial<Decision> = {}, votes: Decision[] = []): Outcome {
  const made = decision(own);
  return { kind: made.kind === 'extend' ? 'approve' : made.kind, decision: made, votes };
}

export function progressCard(own: Partial<ProgressCard> = {}): ProgressCard {
  return {
    kind: 'progress',
    shortId: 'abcd2345',
    title: plan.title,
    steps: plan.steps.map(({ title }) => ({ title, status: 'pending', calls: [], note: '' })),
    otherCalls: [],
    state: 'working',
    spent: { turns: 3, toolCalls: 4, tokens: 12_345, costUsd: 0.0312, timeMs: 61_000 },
    ...own,
  };
}
