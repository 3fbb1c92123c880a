import type { Card, CardState } from '../../src/run/card.js';
import type { ProgressCard } from '../../src/run/execution/progress.js';
import type { WaitMessage } from '../../src/run/model-wait.js';
import type { RequestItem } from '../../src/run/request.js';
import { planItem } from './requests.js';
import { ana, plan } from './samples.js';

/** The state of a card that waits; `item` is what differs in its item. */
export function waiting(
  item: Partial<RequestItem> = {},
  own: Partial<Extract<CardState, { kind: 'waiting' }>> = {},
): CardState {
  return {
    kind: 'waiting',
    request: 'request-1',
    item: planItem(item),
    ...own,
  };
}

export function cardWith(state: CardState, own: Partial<Card> = {}): Card {
  const planned = { plan, revision: 1, digest: 'd'.repeat(64) };
  return { shortId: 'abcd2345', goal: 'Draft the release notes', requester: ana, planned, state, ...own };
}

export function waitMessage(own: Partial<WaitMessage> = {}): WaitMessage {
  return {
    kind: 'model-wait',
    ...{ shortId: 'abcd2345', goal: 'Draft the release notes', step: 'search', state: 'waiting' },
    reason: 'The model’s API is not available: Overloaded',
    since: '2026-11-24T10:00:00.000Z',
    until: '2026-11-24T11:00:00.000Z',
    ...own,
  };
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
