import type { ContextBlock, SectionBlock } from '@slack/types';

/** A line in small type. `mrkdwn` is ours: text of others goes in escaped. */
export function context(mrkdwn: string): ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: mrkdwn }] };
}

/** A line in the usual type. `mrkdwn` is ours: text of others goes in escaped. */
export function line(mrkdwn: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: mrkdwn } };
}
