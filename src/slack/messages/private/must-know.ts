import type { PrivateMessage } from '../../../run/message.js';

/** Time after which somebody who acted may no longer be looking, in milliseconds. */
const ATTENTION_MS = 60_000;

/** True for an answer to something that a person did so long ago that they may be away. `at`: milliseconds since the epoch. */
export function isLate(at: number): boolean {
  return Date.now() - at > ATTENTION_MS;
}

/**
 * True for a message that its person must get, so it is a direct one. An ephemeral message reaches only people who are active at that moment, and
 * goes at a reload. It will do for the answer to a click that just changed nothing. Source: Slack's "chat.postEphemeral".
 */
export function mustKnow(message: PrivateMessage): boolean {
  if (message.kind !== 'refused') return true;
  const { decision, refusal } = message;
  // A form, which has no `slackAt`, is closed, and its text is gone.
  const isFromForm = decision.slackAt === undefined;
  // An ephemeral message goes into the card's channel, which nobody sees on App Home.
  const isElsewhere = isFromForm || decision.clickedOn === 'home';
  return refusal.reason === 'no-longer-an-approver' || isElsewhere || isLate(Date.parse(decision.at));
}
