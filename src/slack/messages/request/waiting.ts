import { timeLeft } from '../../../approval/request-timers.js';
import type { DecisionMessage } from '../../../run/message.js';
import type { RequestItem } from '../../../run/request.js';
import { approversText, factLine, moment, peopleText } from '../kit/text.js';

/** An open item, as its message shows it. */
export interface WaitingItem {
  item: RequestItem;
  /** Moment at which the shown time left was true, ISO 8601; unset for a message without it. */
  asOf?: string;
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

/** An item's expiry, and the time left if the message shows it. */
export function expiryText({ item, asOf }: WaitingItem): string {
  const left = asOf ? ` (${timeLeft(Date.parse(item.expiresAt) - Date.parse(asOf))} left)` : '';
  return `${moment(item.expiresAt)}${left}`;
}
