import type { ThreadReading } from '../../../run/thread.js';
import { clip, code, count, escapeMrkdwn, oneLine } from '../kit/text.js';

/** Limits for a list, a name and a reason, in characters. Escaped, a name is up to five times as long, and all of the text must fit in one block. */
const LIST = 1_300;
const NAME = 60;
const WHY = 120;

/** Says what the model got of the goal's thread, and what not; empty where there was nothing to read. */
export function readingText({ messages, older, files, unread, problem }: ThreadReading): string {
  if (problem !== undefined) return `I couldn't read the thread: ${code(clip(problem, WHY))}`;
  const left = older > 0 ? ` (the newest; ${count(older, 'older one')} left out)` : '';
  const parts = [
    messages > 0 && `${count(messages, 'message')}${left}`,
    files.length > 0 && count(files.length, 'file'),
  ].filter(Boolean);
  const names = files.map(({ name, isCut }) => `${code(clip(name, NAME))}${isCut ? ' (its beginning)' : ''}`);
  const reasons = unread.map(
    ({ name, why }) => `${code(clip(name, NAME))} (${escapeMrkdwn(clip(why, WHY))})`,
  );
  const read = names.length > 0 ? `: ${listed(names)}` : '';
  return [
    parts.length > 0 && `Read ${parts.join(' and ')} of the thread${read}`,
    reasons.length > 0 && `Not read: ${listed(reasons)}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Says why the plan rests on no search of the web. */
export function unsearchedText(reason: string): string {
  return `I couldn't search the web, so this plan uses only what the model already knows: ${oneLine(reason, 2 * WHY)}`;
}

/** The first names that fit. */
function listed(names: string[]): string {
  const lengthTo = (index: number) => names.slice(0, index + 1).join(', ').length;
  const over = names.findIndex((_, index) => lengthTo(index) > LIST);
  if (over < 0) return names.join(', ');
  return [...names.slice(0, over), `${names.length - over} more`].join(', ');
}
