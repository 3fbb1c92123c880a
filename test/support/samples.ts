import type { Decision } from '../../src/core/approval.js';
import type { Card, CardState } from '../../src/core/card.js';
import type { Person } from '../../src/core/person.js';
import type { Plan } from '../../src/core/plan.js';
import { type ApprovalPolicy, DEFAULT_POLICY } from '../../src/core/policy.js';
import { EDITION, type RunInput } from '../../src/core/run.js';

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
    edition: EDITION,
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
    digest: 'd'.repeat(64),
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
