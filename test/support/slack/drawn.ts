import assert from 'node:assert/strict';
import type { Button } from '@slack/types';
import { blockProblems, isTooLong } from '../../../sandbox/workspace/validation/blocks.js';
import { textLength } from '../../../src/slack/messages/kit/paginate.js';
import type { MessagePayload, MessageWithAttachments } from '../../../src/slack/messages/kit/payload.js';

/** A text that tries to become a mention, a link or a control. */
export const HOSTILE =
  '<!channel> <@U1> *Approved by <@UBEN>* [your bank](https://evil.example) <https://evil.example|bank> ```\n:white_check_mark: `Approve`';

/** Buttons of a message, in their order. */
export function buttonElements({ blocks }: MessageWithAttachments): Button[] {
  return blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.flatMap((element) => (element.type === 'button' ? [element] : []))
      : [],
  );
}

export const labelsOf = (message: MessageWithAttachments) =>
  buttonElements(message).map(({ text }) => text.text);

export const drawnText = ({ blocks }: MessageWithAttachments) => JSON.stringify(blocks);

/** Slack takes the message as it is, and nothing of others in it is markup. */
export function assertTaken({ text, blocks }: MessagePayload): void {
  assert.ok(text.length > 0);
  assert.deepEqual(blockProblems(blocks, 'messages'), []);
  assert.ok(!isTooLong(blocks), `${textLength(blocks)} characters`);
}

/** All of our own markup in a message: what Slack parses. */
export function markupOf({ text, blocks }: MessagePayload): string {
  const found = [text];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const part of value) walk(part);
    else if (typeof value === 'object' && value !== null) {
      const { type, text: own } = value as { type?: string; text?: unknown };
      if (type === 'mrkdwn') found.push(String(own));
      else for (const part of Object.values(value)) walk(part);
    }
  };
  walk(blocks);
  return found.join('\n');
}

/** Nothing of `HOSTILE` is markup. */
export function assertHarmless(message: MessagePayload): void {
  assert.doesNotMatch(message.text, /<!channel>|<@U1>|<https/);
  const markup = markupOf({ ...message, text: '' });
  assert.doesNotMatch(markup, /<!channel>|<@U1>|https?:|evil\.example/);
  const drawn = JSON.stringify(message.blocks);
  assert.ok(
    !/"type":"(broadcast|usergroup|link)"|"user_id":"U1"/.test(drawn),
    'only plain text in rich text',
  );
}
