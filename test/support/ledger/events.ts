import type { Decision } from '../../../src/approval/decision.js';
import type { Outcome } from '../../../src/approval/request.js';
import type { Checkpoint, EventData, ItemRef, RunEvent } from '../../../src/run/event.js';
import type { MessageRef } from '../../../src/run/message.js';
import type { RequestItem } from '../../../src/run/request.js';
import { ana, ben, decision, plan, policyWith, toolCall } from '../samples.js';

/** An event, with a key of its own where it needs one. */
export type Step = RunEvent | [event: RunEvent, key: string];

/** Events of a run as the ledger takes them, a second apart; their keys count from 1. */
export function eventsOf(shortId: string, ...steps: Step[]): Checkpoint[] {
  return steps.map((step, index) => {
    const [event, key] = Array.isArray(step) ? step : [step, String(index + 1)];
    return { ...event, shortId, key, at: new Date(Date.UTC(2026, 10, 24, 10, 0, index)).toISOString() };
  });
}

export const reviewers = policyWith({ approvers: ['SREVIEW'], approvals: 2, requesterMayApprove: false });
export const cardRef: MessageRef = { channel: 'C1', ts: '1.0' };
export const threadRef: MessageRef = { channel: 'C1', ts: '2.0', thread: '1.0' };

export const PLAN: ItemRef = { request: 'request-1', item: 'plan' };
export const CALL: ItemRef = { request: 'request-7', item: '1' };
export const QUESTION: ItemRef = { request: 'request-8', item: 'question' };

export const started = (own: Partial<EventData['started']> = {}): RunEvent => ({
  kind: 'started',
  data: { goal: 'the goal', requester: ana, channel: 'C1', policy: reviewers, ...own },
});

export const planned = (own: Partial<EventData['planned']> = {}): RunEvent => ({
  kind: 'planned',
  data: { plan, revision: 1, digest: 'd'.repeat(64), ...own },
});

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

export const posted = (message = cardRef, own: Partial<EventData['posted']> = {}): RunEvent => ({
  kind: 'posted',
  data: { message, ...own },
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

export const ended = (end: EventData['ended'] = { state: 'expired' }): RunEvent => ({
  kind: 'ended',
  data: end,
});

export const completed = ended({ state: 'completed', result: 'It is done.', decision: decision() });
export const failed = ended({ state: 'failed', failure: { step: 'plan', code: 'Refused', message: 'No.' } });
export const gone: Step = [ended({ state: 'gone', why: 'terminated' }), 'gone/execution'];
