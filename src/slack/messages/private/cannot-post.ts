import type { PrivateMessage } from '../../../run/message.js';
import { isTokenError } from '../../token-errors.js';
import { actions, line, retryButton } from '../kit/blocks.js';
import type { MessagePayload } from '../kit/payload.js';
import { quoteBlock } from '../kit/rich-text.js';
import { clip, code, escapeMrkdwn, notificationLine } from '../kit/text.js';

/** Remedies for a channel in which posting fails, by Slack's error code. */
const REMEDIES: Record<string, (channel: string) => string> = {
  not_in_channel: (channel) =>
    `I am not a member of <#${channel}>. Invite me there with \`/invite @countersign\`, then retry.`,
  channel_not_found: (channel) =>
    `I can't see the channel \`${channel}\`. If it is private, invite me there; if it is wrong, correct \`APPROVAL_CHANNEL\`. Then retry.`,
  is_archived: (channel) =>
    `<#${channel}> is archived. Unarchive it, or set \`APPROVAL_CHANNEL\` to another channel. Then retry.`,
};

const NEW_TOKEN =
  "Slack refuses my bot token. An operator must set a new `SLACK_BOT_TOKEN` from the app's page. Then retry.";

/** Tells the requester why the channel has no card, and offers a retry. */
export function cannotPostMessage(
  shortId: string,
  { channel, failure, executionId }: Omit<Extract<PrivateMessage, { kind: 'cannot-post' }>, 'kind'>,
): MessagePayload {
  const remedy = isTokenError(failure.code) ? NEW_TOKEN : REMEDIES[failure.code]?.(escapeMrkdwn(channel));
  const head = `Run ${code(shortId)} could not go on: the ${failure.step} failed.`;
  const reason = remedy ? line(remedy) : quoteBlock(clip(failure.message, 400));
  const text = `${head} ${remedy ?? notificationLine(failure.message, 400)}`;
  return { text, blocks: [line(head), reason, actions('retry', retryButton(shortId, executionId))] };
}
