import { isPostObstacle, type PostObstacle } from '../../../run/admission.js';
import type { PrivateMessage } from '../../../run/message.js';
import type { RunFailure } from '../../../run/state.js';
import { isTokenError } from '../../token-errors.js';
import { actions, blockList, context, line, retryButton } from '../kit/blocks.js';
import type { MessagePayload } from '../kit/payload.js';
import { quoteBlock } from '../kit/rich-text.js';
import { clip, code, escapeMrkdwn, notificationLine } from '../kit/text.js';
import { FAILED_AT } from '../plan/status-line.js';

/** Reasons and remedies where posting fails, by Slack's error code. `channel` is shown by its name to those who may see the channel. */
const OBSTACLES: Record<PostObstacle | 'restricted_action', (channel: string) => string> = {
  not_in_channel: (channel) => `I can't post in ${channel}. \`/invite @countersign\` there, then Retry.`,
  channel_not_found: (channel) =>
    `I can't post in ${channel}, because I can't see it. \`/invite @countersign\` there, or ask an operator to correct \`APPROVAL_CHANNEL\`. Then Retry.`,
  is_archived: (channel) =>
    `I can't post in ${channel}: it's archived. Unarchive it, or ask an operator to correct \`APPROVAL_CHANNEL\`. Then Retry.`,
  restricted_action: (channel) =>
    `I can't post in ${channel}: only certain people may post there. Let @countersign post there, then Retry.`,
};

const NEW_TOKEN = 'Slack refuses my bot token. Ask an operator to set a new `SLACK_BOT_TOKEN`, then Retry.';

/** Says why the bot can't post in a channel, and how to change that. `isHere`: the channel of the command. */
export function obstacleText(obstacle: PostObstacle, channel: string, { isHere = false } = {}): string {
  // The channel of a command exists, so it is private.
  const known = isHere && obstacle === 'channel_not_found' ? 'not_in_channel' : obstacle;
  return OBSTACLES[known](`<#${escapeMrkdwn(channel)}>`);
}

function remedyFor({ code: failure }: RunFailure, channel: string, isHere: boolean): string | undefined {
  if (isTokenError(failure)) return NEW_TOKEN;
  if (failure.startsWith('restricted_action') || failure === 'ekm_access_denied')
    return OBSTACLES.restricted_action(`<#${escapeMrkdwn(channel)}>`);
  return isPostObstacle(failure) ? obstacleText(failure, channel, { isHere }) : undefined;
}

/** Tells the requester why the channel has no card, and offers a retry. `executionId`: what the retry goes on from. */
export function cannotPostMessage(
  shortId: string,
  {
    channel,
    failure,
    executionId,
    isHere = false,
  }: Pick<Extract<PrivateMessage, { kind: 'cannot-post' }>, 'channel' | 'failure'> & {
    executionId: string | undefined;
    isHere?: boolean;
  },
): MessagePayload {
  const remedy = remedyFor(failure, channel, isHere);
  const head = `Run ${code(shortId)} failed ${FAILED_AT[failure.step]}.`;
  const reason = remedy ? line(remedy) : quoteBlock(clip(failure.message, 400));
  const kept = `Nothing of run ${code(shortId)} is lost.`;
  const blocks = blockList(
    remedy ? [reason, context(kept)] : [line(head), reason],
    executionId !== undefined && actions('retry', retryButton(shortId, executionId)),
  );
  return { text: remedy ? `${remedy} ${kept}` : `${head} ${notificationLine(failure.message, 400)}`, blocks };
}
