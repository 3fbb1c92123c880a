import { createHash } from 'node:crypto';
import { ID_ALPHABET } from '../run/scheduled-id.js';

const RUN_ID_LENGTH = 8;

/** Slack's ids of one slash command; redeliveries share them. */
export interface CommandIdentity {
  team: string;
  channel: string;
  user: string;
  triggerId: string;
  responseUrl: string;
  text: string;
}

/** Slack's ids of one mention; `ts` is the message's. */
export type MentionIdentity = Pick<CommandIdentity, 'team' | 'channel' | 'user' | 'text'> & { ts: string };

/** Derives the run id from Slack's ids, so a redelivered command or mention gives the same run. */
export function shortIdOf(asked: CommandIdentity | MentionIdentity): string {
  const { team, channel, user, text } = asked;
  const own = 'ts' in asked ? ['mention', asked.ts] : [asked.triggerId, asked.responseUrl];
  const identity = JSON.stringify([team, channel, user, ...own, text]);
  const digest = createHash('sha256').update(identity).digest();
  return Array.from(digest.subarray(0, RUN_ID_LENGTH), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join(
    '',
  );
}

export { shortIdIn, workflowIdOf } from '../run/summary.js';
