import type { Decision } from '../../src/approval/decision.js';
import type { Person } from '../../src/approval/person.js';
import { type ApprovalPolicy, DEFAULT_POLICY } from '../../src/approval/policy.js';
import type { Card, CardState } from '../../src/run/card.js';
import type { RunInput } from '../../src/run/input.js';
import type { Plan } from '../../src/run/plan.js';
import type { Asked, ProgressCard, QuestionCard, ToolCard } from '../../src/run/thread.js';
import type { ToolCall } from '../../src/run/tools.js';

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
    runId: 'abcd2345',
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

export function waiting(own: Partial<Extract<CardState, { kind: 'waiting' }>> = {}): CardState {
  return {
    kind: 'waiting',
    requestId: 'request-1',
    policy: DEFAULT_POLICY,
    votes: [],
    expiresAt: '2026-11-27T10:00:00.000Z',
    ...own,
  };
}

export function cardWith(state: CardState, own: Partial<Card> = {}): Card {
  const planned = { plan, revision: 1, digest: 'd'.repeat(64) };
  return { runId: 'abcd2345', goal: 'Draft the release notes', requester: ana, planned, state, ...own };
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

export function toolCard(own: Partial<ToolCard> = {}): ToolCard {
  return {
    kind: 'tool-call',
    runId: 'abcd2345',
    requester: ana,
    requestId: 'request-7',
    revision: 1,
    call: toolCall(),
    stepTitle: 'Write the notes',
    policy: DEFAULT_POLICY,
    state: { kind: 'waiting', votes: [], expiresAt: '2026-11-27T10:00:00.000Z' },
    ...own,
  };
}

export const ASKED: Asked = { what: 'ask-person', text: 'Which release is meant?', to: 'requester' };

export function questionCard(own: Partial<QuestionCard> = {}): QuestionCard {
  return {
    kind: 'question',
    runId: 'abcd2345',
    requester: ana,
    questionId: 'question-3',
    asked: ASKED,
    options: ['2.4', '2.5'],
    freeText: true,
    policy: DEFAULT_POLICY,
    state: { kind: 'waiting', expiresAt: '2026-11-27T10:00:00.000Z' },
    ...own,
  };
}

export function progressCard(own: Partial<ProgressCard> = {}): ProgressCard {
  return {
    kind: 'progress',
    runId: 'abcd2345',
    title: plan.title,
    steps: plan.steps.map(({ title }) => ({ title, status: 'pending', calls: [], note: '' })),
    other: [],
    state: 'working',
    spent: { turns: 3, toolCalls: 4, tokens: 12_345, costUsd: 0.0312, timeMs: 61_000 },
    ...own,
  };
}
