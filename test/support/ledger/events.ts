import type { Checkpoint, EventData, ItemRef, RunEvent } from '../../../src/run/event.js';
import type { MessageRef } from '../../../src/run/message.js';
import { ana, plan, policyWith } from '../samples.js';

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

export const posted = (message = cardRef, own: Partial<EventData['posted']> = {}): RunEvent => ({
  kind: 'posted',
  data: { message, ...own },
});
