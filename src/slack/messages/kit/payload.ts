import { createHash } from 'node:crypto';
import type { KnownBlock } from '@slack/types';
import { context } from './blocks.js';
import { splitText } from './paginate.js';
import { code, digits } from './text.js';

/** A message in Slack's format. */
export interface MessagePayload {
  /** Text for notifications and screen readers, in mrkdwn. */
  text: string;
  blocks: KnownBlock[];
}

/** The whole text of which a message shows the beginning. It goes into the thread, before the message. */
export interface Attachment {
  /** Name of the file. The app chooses it, so that a second attempt can find the file. */
  name: string;
  text: string;
}

/** A part of a message: a block, or a text that is too long for one. */
export type Part = KnownBlock | Attachment;

export interface MessageWithAttachments extends MessagePayload {
  attachments: Attachment[];
}

export function messageOf(text: string, parts: Part[]): MessageWithAttachments {
  const attachments = parts.filter((part) => 'name' in part);
  return { text, blocks: parts.filter((part) => 'type' in part), attachments };
}

/** Limit for the shown part of a long text, in characters. */
const SHOWN = 2_500;

/** Draws a text that may be too long for a message: its beginning, and a note with the name of the whole file. */
export function excerpt(text: string, name: string, draw: (shown: string) => KnownBlock[]): Part[] {
  const [shown = ''] = splitText(text, SHOWN);
  if (shown.length === text.length) return draw(text);
  const part = `${digits(shown.length)} of ${digits(text.length)} characters`;
  const note = context(`Cut here: ${part}. The whole is above, in this thread: ${code(name)}`);
  return [...draw(shown), note, { name, text }];
}

/** Name of a file for one item of a request. */
export function fileName(subject: string, id: string, extension: string): string {
  return `${subject}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}.${extension}`;
}
