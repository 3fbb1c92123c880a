import { createHash } from 'node:crypto';

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const RUN_ID_LENGTH = 8;

/** Slack's own ids of one slash command: the same for every delivery of it. */
export interface CommandIdentity {
  team: string;
  channel: string;
  user: string;
  triggerId: string;
  responseUrl: string;
  text: string;
}

/** The same of one mention; `ts` is the message's. */
export type MentionIdentity = Pick<CommandIdentity, 'team' | 'channel' | 'user' | 'text'> & { ts: string };

/** The run's short id: a command or mention that Slack delivers twice gives the same one, so it starts one run. */
export function runIdOf(asked: CommandIdentity | MentionIdentity): string {
  const { team, channel, user, text } = asked;
  const own = 'ts' in asked ? ['mention', asked.ts] : [asked.triggerId, asked.responseUrl];
  const identity = JSON.stringify([team, channel, user, ...own, text]);
  const digest = createHash('sha256').update(identity).digest();
  return Array.from(digest.subarray(0, RUN_ID_LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

export { runIdIn, workflowIdOf } from '../run/summary.js';
