import { replaceHidden } from '../../approval/hidden-text.js';
import { clip } from '../../platform/cut.js';
import type { ToolCall } from './tools.js';

/** Says what a call does: in the agent's words, else by its name and its first text. */
export function headlineOf({ sentence, name, input }: ToolCall): string {
  if (sentence !== undefined) return sentence;
  const first = Object.values(input).find((value) => typeof value === 'string' && value.trim() !== '');
  const value =
    first === undefined ? '' : `: “${clip(visible(String(first)).replaceAll(/\s+/g, ' ').trim(), 100)}”`;
  return `${nameWords(name)}${value}`;
}

/** Limit for a headline beside other words, in characters. */
const SHORT_CHARS = 100;

/** A headline as part of one line. */
export function shortHeadline(call: ToolCall): string {
  return clip(headlineOf(call).replaceAll(/\s+/g, ' ').trim(), SHORT_CHARS);
}

/** Name of a tool as words, without its server: "Add todo". */
export function nameWords(name: string): string {
  const own = safeName(name.slice(name.indexOf('__') > 0 ? name.indexOf('__') + 2 : 0)).replaceAll('_', ' ');
  return `${own.charAt(0).toUpperCase()}${own.slice(1)}`;
}

/** Characters that can't be seen are written out as JSON writes them. */
export function visible(text: string): string {
  return replaceHidden(text, (hidden) =>
    hidden.replaceAll(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/** Makes a name safe to show: the model may send any characters, of any length. */
export function safeName(name: string, limit = 64): string {
  return clip(name.replaceAll(/[^\p{L}\p{N}_.-]|\p{DI}/gu, '?'), limit);
}
