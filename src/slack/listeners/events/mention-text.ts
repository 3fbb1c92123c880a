import type { Names } from '../../permissions/names.js';
import { messageText } from '../markup.js';

/** Converts a message to the app into the text that its author saw. The app's own mention is removed. */
export function mentionText(botUser: string, text: string, names: Names): string {
  const own = new RegExp(`<@${botUser}(?:\\|[^<>]*)?>`);
  const said = text
    .split(own)
    .map((part, at, { length }) => trimBlanks(part, { start: at > 0, end: at < length - 1 }))
    .join(' ');
  return messageText(said, names)
    .trim()
    .replace(/^[,:]\s*/, '');
}

/** Removes spaces and tabs, in linear time: a regular expression at the end of a text would try each of its blanks. */
function trimBlanks(text: string, { start, end }: { start: boolean; end: boolean }): string {
  let [from, to] = [0, text.length];
  const isBlank = (at: number) => text[at] === ' ' || text[at] === '\t';
  while (start && from < to && isBlank(from)) from += 1;
  while (end && to > from && isBlank(to - 1)) to -= 1;
  return text.slice(from, to);
}
