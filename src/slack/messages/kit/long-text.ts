import { createHash } from 'node:crypto';
import type { KnownBlock } from '@slack/types';
import type { Words } from '../private/notices.js';
import { context } from './lines.js';
import { splitText } from './paginate.js';
import { preformatted } from './rich-text.js';
import { code } from './text.js';

/** So much of a long text a message in the thread shows, in characters. */
const SHOWN = 2_500;

/** A text that a message only shows the beginning of: the whole of it goes into the thread, before the message. */
export interface Attachment {
  /** A file's name: of our making, so that a second attempt finds it. */
  name: string;
  text: string;
}

/** A message with what it is too small for. */
export interface ThreadWords extends Words {
  attachments: Attachment[];
}

/** What a message shows of a text, and the whole of it, where that is more. */
export interface Excerpt {
  shown: string;
  /** Says where the whole is. */
  note: KnownBlock[];
  attachments: Attachment[];
}

/** The beginning of a text that may be too long for a message. */
export function excerpt(text: string, name: string): Excerpt {
  const [shown = ''] = splitText(text, SHOWN);
  if (shown.length === text.length) return { shown, note: [], attachments: [] };
  const note = context(
    `Cut here: ${count(shown)} of ${count(text)} characters. The whole is above, in this thread: ${code(name)}`,
  );
  return { shown, note: [note], attachments: [{ name, text }] };
}

/** A file's name for what belongs to one request or question. */
export function fileName(what: string, id: string, extension: string): string {
  return `${what}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}.${extension}`;
}

/** The whole of it as messages, where files can't be attached. */
export function attachmentBlocks({ text }: Attachment): KnownBlock[] {
  return preformatted(text);
}

function count(text: string): string {
  return text.length.toLocaleString('en-US');
}
