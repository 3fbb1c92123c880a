import type { Decision } from '../../../src/approval/decision.js';
import type { Person } from '../../../src/approval/person.js';
import type { Card } from '../../../src/run/card.js';
import type { World } from './world.js';

/** A card that waits, and the reference that its buttons carry. */
export interface WaitingCard {
  ref: { channel: string; ts: string };
  request: string;
  revision: number;
  digest: string;
  expiresAt: string;
}

/** The card of a revision, once it waits. */
export function waitingCard(world: World, revision = 1): Promise<WaitingCard> {
  return findCard(world, (card) => card.planned?.revision === revision, `the card of revision ${revision}`);
}

/** The first card of a run, once it waits. */
export function cardOf(world: World, shortId: string): Promise<WaitingCard> {
  return findCard(world, (card) => card.shortId === shortId, `the card of ${shortId}`);
}

function findCard(world: World, isIt: (card: Card) => boolean, what: string): Promise<WaitingCard> {
  return world.waitFor(() => {
    for (const { ref, states } of world.cards()) {
      const [card] = states;
      if (card?.state.kind !== 'waiting' || !card.planned || !isIt(card)) continue;
      const { revision, digest } = card.planned;
      const { request, item } = card.state;
      return { ref, request, revision, digest, expiresAt: item.expiresAt };
    }
    return undefined;
  }, what);
}

/** An expiry as this one, put off by this long, in milliseconds. */
export function putOff(expiresAt: string, ms: number): string {
  return new Date(Date.parse(expiresAt) + ms).toISOString();
}

/** A click on a card. An extension is one of two seconds. */
export function decisionOn(
  { ref, request, revision, digest, expiresAt }: WaitingCard,
  kind: Decision['kind'],
  by: Person,
): Decision {
  const items = [{ id: 'plan', digest }];
  return {
    ...{ kind, request, revision, items, by, clickedOn: ref.ts, note: '', at: new Date().toISOString() },
    ...(kind === 'extend' && { until: putOff(expiresAt, 2_000) }),
  };
}
