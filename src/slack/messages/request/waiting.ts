import type { DecisionMessage } from '../../../run/message.js';
import type { RequestItem } from '../../../run/request.js';
import { approversText, deadline, factLine, peopleText } from '../kit/text.js';

/** An open item, as its message shows it. */
export interface WaitingItem {
  item: RequestItem;
}

/** Finds the open item of a message; undefined once the item has an outcome. */
export function findWaitingItem(message: DecisionMessage): WaitingItem | undefined {
  if ('kind' in message) return message.item.outcome ? undefined : { item: message.item };
  return message.state.kind === 'waiting' ? message.state : undefined;
}

/** True for items that people answer. All others are approved; an answer is no approval. */
export function isQuestion({ takes }: Pick<RequestItem, 'takes'>): boolean {
  return takes.includes('answer');
}

/** People who may decide about an item, and the number of approvals so far. `requester` is a user id. */
export function waitingText({ policy, votes, editors }: RequestItem, requester: string): string {
  const voters = votes.length > 0 ? `, so far ${peopleText(votes)}` : '';
  return factLine(
    `Waiting for ${approversText(policy, requester, editors)}`,
    policy.approvals !== 1 && `${votes.length} of ${policy.approvals} approvals${voters}`,
  );
}

/** An item's expiry, in the reader's time. The time left isn't shown: a card would have to change for it while people type a note. */
export function expiryText({ item }: WaitingItem): string {
  return deadline(item.expiresAt);
}
