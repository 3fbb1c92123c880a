import type { WaitMessage } from '../../../run/model-wait.js';
import { blockList, context, line } from '../kit/blocks.js';
import { type MessageWithAttachments, messageOf } from '../kit/payload.js';
import { quoteBlock } from '../kit/rich-text.js';
import { clip, code, durationText, factLine, moment, oneLine } from '../kit/text.js';
import { FAILED_AT } from '../plan/status-line.js';

/** Draws the wait for a model that takes no request: until when, and what came of it. */
export function modelWaitMessage(message: WaitMessage): MessageWithAttachments {
  const { shortId, goal, reason, state } = message;
  const text = SENTENCES[state](message);
  const stop = state === 'waiting' && `To stop it: ${code(`/agent stop ${shortId}`)}`;
  const blocks = blockList(
    line(text),
    quoteBlock(clip(reason, 300)),
    context(factLine(oneLine(goal, 100), `run ${code(shortId)}`, stop)),
  );
  return messageOf(text, blocks);
}

const SENTENCES: Record<WaitMessage['state'], (message: WaitMessage) => string> = {
  waiting: ({ until }) =>
    `:double_vertical_bar: The AI model isn't available right now. I keep trying until ${moment(until)}.`,
  over: (message) =>
    `:white_check_mark: The model is available again after ${tookText(message)}. I continue.`,
  'given-up': (message) =>
    `:warning: The model wasn't available for ${tookText(message)}, so I gave up ${FAILED_AT[message.step]}.`,
  stopped: (message) =>
    `:octagonal_sign: The run was stopped after waiting ${tookText(message)} for the model.`,
};

function tookText({ since, endedAt = since }: WaitMessage): string {
  return durationText(Date.parse(endedAt) - Date.parse(since));
}
