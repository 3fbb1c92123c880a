import type { Decision } from '../../src/approval/decision.js';
import type { Person } from '../../src/approval/person.js';
import { type ApprovalPolicy, DEFAULT_POLICY } from '../../src/approval/policy.js';
import type { Outcome } from '../../src/approval/request.js';
import type { RunInput } from '../../src/run/input.js';
import type { Plan } from '../../src/run/plan.js';
import type { ThreadContext } from '../../src/run/thread.js';

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

/** Input of a run of Ana's. */
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

/** A thread as it was read: a message, a table and a picture. */
export function threadWith(own: Partial<ThreadContext> = {}): ThreadContext {
  return {
    ...{ messages: 1, older: 0, transcript: '[2026-11-24 10:00] Ben: can we afford it?', unread: [] },
    files: [
      { name: 'prices.csv', by: 'Ben', content: { kind: 'text', text: 'item,price' } },
      {
        name: 'cup.png',
        by: 'Ben',
        content: { kind: 'image', mediaType: 'image/png', data: 'iVBORw0KGgo=' },
      },
    ],
    digest: 'a1b2'.repeat(16),
    ...own,
  };
}

export function policyWith(own: Partial<ApprovalPolicy>): ApprovalPolicy {
  return { ...DEFAULT_POLICY, ...own };
}

/** Puts the cards of every schedule into one channel, under this policy. */
export const placeWith = (policy: ApprovalPolicy) => () => ({ channel: 'C1', policy });

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

/** The end of an item by a decision. */
export function verdict(own: Partial<Decision> = {}, votes: Decision[] = []): Outcome {
  const made = decision(own);
  return { kind: made.kind === 'extend' ? 'approve' : made.kind, decision: made, votes };
}
