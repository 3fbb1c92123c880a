import type { Decision } from '../../src/approval/decision.js';
import type { Person } from '../../src/approval/person.js';
import type { World } from './world.js';

/** A card that waits, and the reference that its buttons carry. */
export interface WaitingCard {
  ref: { channel: string; ts: string };
  request: string;
  revision: number;
  digest: string;
}

/** The card of a revision, once it waits. */
export async function waitingCard(world: World, revision = 1): Promise<WaitingCard> {
  return await world.waitFor(() => {
    for (const { ref, states } of world.cards()) {
      const [card] = states;
      if (card?.state.kind !== 'waiting' || card.planned?.revision !== revision) continue;
      return { ref, request: card.state.request, revision, digest: card.planned.digest };
    }
    return undefined;
  }, `the card of revision ${revision}`);
}

/** A click on a card. */
export function decisionOn(
  { request, revision, digest }: WaitingCard,
  kind: Decision['kind'],
  by: Person,
): Decision {
  const items = [{ id: 'plan', digest }];
  return { kind, request, revision, items, by, note: '', at: new Date().toISOString() };
}
