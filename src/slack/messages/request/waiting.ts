import { timeLeft } from '../../../approval/request-timers.js';
import type { DecisionMessage } from '../../../run/message.js';
import type { RequestItem } from '../../../run/request.js';
import { approversText, factLine, moment, peopleText } from '../kit/text.js';

/** An item that waits for people, as its message shows it. */
export interface WaitingItem {
  item: RequestItem;
  /** Moment from which the message counts the time that is left, ISO 8601; unset where the message doesn't count it. */
  asOf?: string;
}

/** The item of a message that waits for people; undefined once the item has an outcome. */
export function findWaitingItem(message: DecisionMessage): WaitingItem | undefined {
  if ('kind' in message) return message.item.outcome ? undefined : { item: message.item };
  return message.state.kind === 'waiting' ? message.state : undefined;
}

/** A question is answered; everything else is approved. An answer is no approval. */
export function isQuestion({ takes }: Pick<RequestItem, 'takes'>): boolean {
  return takes.includes('answer');
}

/** The people who may decide about an item, and how many have approved. `requester` is a user id. */
export function waitingText({ policy, votes, editors }: RequestItem, requester: string): string {
  const voters = votes.length > 0 ? `, so far ${peopleText(votes)}` : '';
  return factLine(
    `Waiting for ${approversText(policy, requester, editors)}`,
    policy.approvals !== 1 && `${votes.length} of ${policy.approvals} approvals${voters}`,
  );
}

/** The moment at which an item expires, and the time left where the message counts it. */
export function expiryText({ item, asOf }: WaitingItem): string {
  const left = asOf ? ` (${timeLeft(Date.parse(item.expiresAt) - Date.parse(asOf))} left)` : '';
  return `${moment(item.expiresAt)}${left}`;
}
