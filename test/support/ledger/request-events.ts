import type { Decision } from '../../../src/approval/decision.js';
import type { Outcome } from '../../../src/approval/request.js';
import type { RunEvent } from '../../../src/run/event.js';
import type { RequestItem } from '../../../src/run/request.js';
import { toolCall } from '../requests.js';
import { ben, decision, plan, policyWith } from '../samples.js';
import { CALL, PLAN, QUESTION, reviewers } from './events.js';

function itemWith(own: Partial<RequestItem>): RequestItem {
  return {
    ...{ id: 'plan', digest: 'd'.repeat(64), takes: ['approve', 'reject'], policy: reviewers, votes: [] },
    expiresAt: '2026-11-27T00:00:00.000Z',
    subject: { kind: 'plan', title: plan.title },
    ...own,
  };
}

export const asksPlan = (own: Partial<RequestItem> = {}): RunEvent => ({
  kind: 'requested',
  data: { id: PLAN.request, revision: 1, items: [itemWith(own)] },
});

/** People are asked about a call. */
export const asksCall = (own: Partial<RequestItem> = {}, request = CALL.request): RunEvent => ({
  kind: 'requested',
  data: {
    ...{ id: request, revision: 1 },
    items: [itemWith({ id: CALL.item, subject: { kind: 'tool-call', call: toolCall() }, ...own })],
  },
});

/** The model's question, to the requester unless `own` says otherwise. */
export const asksQuestion = (own: Partial<RequestItem> = {}): RunEvent => ({
  kind: 'requested',
  data: {
    ...{ id: QUESTION.request, revision: 1 },
    items: [
      itemWith({
        ...{ id: QUESTION.item, digest: '', takes: ['answer'], freeText: true },
        choices: [{ id: '1', label: '2.4' }],
        policy: policyWith({}),
        subject: { kind: 'question', text: 'Which release?', to: 'requester' },
        ...own,
      }),
    ],
  },
});

export const voted = (by = ben, about = PLAN): RunEvent => ({
  kind: 'voted',
  data: { ...about, decision: voteOf(by, about), votes: 1, of: 2 },
});

export const lapsed = (by = ben, about = PLAN): RunEvent => ({
  kind: 'lapsed',
  data: { ...about, decision: voteOf(by, about) },
});

const voteOf = (by = ben, { request } = PLAN) => decision({ by, request });

/** People decided: by one decision, or as the outcome says. */
export const decided = (outcome: Outcome | Exclude<Decision['kind'], 'extend'>, about = PLAN): RunEvent => ({
  kind: 'decided',
  data: {
    ...about,
    outcome:
      typeof outcome === 'string'
        ? { kind: outcome, decision: decision({ kind: outcome, by: ben }), votes: [] }
        : outcome,
  },
});
