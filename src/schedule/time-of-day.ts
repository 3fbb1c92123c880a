import { PROBLEMS } from './problems.js';

/** A timetable can't be read. The message is a sentence with the right form. */
export class TimetableError extends Error {}

export function refuse(wrong: string): never {
  throw new TimetableError(wrong);
}

/** A time of day. `sure`: it is clearly before or after noon. */
export interface TimeOfDay {
  hour: number;
  minute: number;
  sure: boolean;
}

/** Reads a time such as `9`, `18:30`, `9am` or `noon`. @throws TimetableError */
export function readTime(text: string): TimeOfDay {
  if (text === 'noon' || text === 'midday') return { hour: 12, minute: 0, sure: true };
  if (text === 'midnight') return { hour: 0, minute: 0, sure: true };
  const [, hours, minutes = '0', letter] = /^(\d+)(?:[:.](\d+))? ?([ap])?/.exec(text) ?? [];
  const [hour, minute] = [Number(hours), Number(minutes)];
  if (minute > 59 || hour > 23 || (letter && (hour < 1 || hour > 12))) refuse(PROBLEMS.noSuchTime(text));
  if (!letter) return { hour, minute, sure: hour === 0 || hour > 12 };
  return { hour: (hour % 12) + (letter === 'p' ? 12 : 0), minute, sure: true };
}

/** Writes a time as a clock shows it: `9:05`. */
export function formatTime({ hour, minute }: TimeOfDay): string {
  return `${hour}:${String(minute).padStart(2, '0')}`;
}
