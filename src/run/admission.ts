import type { ApprovalPolicy } from '../approval/policy.js';
import type { RunFailure } from './state.js';

/** A limit that is reached. `running`: the person's own runs that count. `goesOnAt`: ISO 8601. */
export type LimitReached =
  | { of: 'person' | 'channel'; part: 'atOnce'; limit: number; running?: string[] }
  | { of: 'person' | 'channel'; part: 'perDay'; limit: number; goesOnAt: string };

/** Reason why a run may not start. */
export type NotAdmitted =
  /** The policy's `requesters` don't let this person ask. */
  | { reason: 'not-a-requester' }
  /** The policy takes no goals in this channel. `channels`: those in which it does, and which the person is in. */
  | { reason: 'elsewhere'; channels: string[] }
  | { reason: 'limit'; limit: LimitReached }
  /** A direct message between other people, in which the bot can never post. */
  | { reason: 'others-conversation' };

/** Slack's error codes for posts, where they can be known beforehand. */
const POST_OBSTACLES = ['channel_not_found', 'is_archived', 'not_in_channel'] as const;
export type PostObstacle = (typeof POST_OBSTACLES)[number];

export function isPostObstacle(code: string): code is PostObstacle {
  return POST_OBSTACLES.some((obstacle) => obstacle === code);
}

/** Answer about a run that is to start. `unsure`: Slack can't say at the moment whether the requester may ask. */
export type Admission =
  | { kind: 'admitted' | 'unsure' }
  | { kind: 'refused'; refusal: NotAdmitted }
  /** The bot can't post the card in its channel. The run fails before it searches, and can be retried. */
  | { kind: 'cannot-post'; failure: RunFailure & { code: PostObstacle } };

/** Answer to a run that asks whether it may begin, with the channel of its card and the policy that holds there now. */
export type RunAdmission = Admission & { channel: string; policy: ApprovalPolicy };

/** End of a run that may not begin, as a reason for its requester and the ledger. */
export function whyNotAdmitted({ reason }: NotAdmitted): string {
  switch (reason) {
    case 'not-a-requester':
      return "You can't start runs here any more";
    case 'elsewhere':
      return 'I no longer work in this channel';
    case 'limit':
      return 'The limit of runs is reached';
    case 'others-conversation':
      return "I can't post in this conversation";
  }
}
