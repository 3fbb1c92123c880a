import { cut } from '../../platform/cut.js';
import type { FileContent } from '../../run/thread.js';

/** The content of a text file: at most `maxChars` characters. */
export function cutText(text: string, maxChars: number): FileContent | { why: string } {
  if (text.trim() === '') return { why: 'there is no text in it' };
  if (text.length <= maxChars) return { kind: 'text', text };
  return { kind: 'text', text: cut(text, maxChars), isCut: true };
}
