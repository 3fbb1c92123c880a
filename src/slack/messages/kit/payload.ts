import { createHash } from 'node:crypto';
import type { KnownBlock } from '@slack/types';
import { context } from './blocks.js';
import { splitText } from './paginate.js';
import { code, digits } from './text.js';

/** A message as Slack takes it. */
export interface MessagePayload {
  /** For notifications and screen readers, in mrkdwn. */
  text: string;
  blocks: KnownBlock[];
}

/** The whole of a text of which a message shows the beginning: it goes into the thread, before the message. */
export interface Attachment {
  /** A file's name: of our making, so that a second attempt finds it. */
  name: string;
  text: string;
}

/** A part of a message: a block, or a text that a block is too small for. */
export type Part = KnownBlock | Attachment;

export interface MessageWithAttachments extends MessagePayload {
  attachments: Attachment[];
}

export function messageOf(text: string, parts: Part[]): MessageWithAttachments {
  const attachments = parts.filter((part) => 'name' in part);
  return { text, blocks: parts.filter((part) => 'type' in part), attachments };
}

/** A message shows so much of a long text, in characters. */
const SHOWN = 2_500;

/** Draws a text that may be too long for a message: its beginning, and a note that names the file with the whole. */
export function excerpt(text: string, name: string, draw: (shown: string) => KnownBlock[]): Part[] {
  const [shown = ''] = splitText(text, SHOWN);
  if (shown.length === text.length) return draw(text);
  const part = `${digits(shown.length)} of ${digits(text.length)} characters`;
  const note = context(`Cut here: ${part}. The whole is above, in this thread: ${code(name)}`);
  return [...draw(shown), note, { name, text }];
}

/** Name of a file that belongs to one item of a request. */
export function fileName(subject: string, id: string, extension: string): string {
  return `${subject}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}.${extension}`;
}
