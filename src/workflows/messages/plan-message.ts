import type { PlanRevision } from '../../run/plan.js';
import type { RequestItem, RunRequest } from '../../run/request.js';
import type { ItemMessage } from '../requests/open-item.js';
import type { Cards } from './cards.js';
import { waitingState } from './draw-card.js';

/** Message of a plan's item: the card, with its state now. */
export function planMessage(
  cards: Cards,
  { id }: RunRequest,
  item: RequestItem,
  previous?: PlanRevision,
): ItemMessage {
  return {
    get at() {
      return cards.current;
    },
    get posting() {
      return cards.posting;
    },
    isAt: (ts) => cards.isAt(ts),
    post: (ref) => cards.postPlan(ref, item, previous),
    takeOver: () => {
      cards.shown = waitingState(cards, id, item);
    },
    draw: () => cards.draw(cards.shown ?? waitingState(cards, id, item)),
    replaceLost: (_, ts, reason) => {
      if (cards.current?.ts === ts) cards.replaceLost(cards.current, reason);
    },
    refresh: () => {
      if (cards.waiting?.request === id && !item.outcome) cards.show(waitingState(cards, id, item));
    },
  };
}
