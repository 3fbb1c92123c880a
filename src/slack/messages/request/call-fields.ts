import type { RichTextBlockElement, RichTextElement } from '@slack/types';
import { visible } from '../../../run/execution/headline.js';
import type { ToolCall } from '../../../run/execution/tools.js';
import { list, paragraph, verbatim } from '../kit/rich-text.js';
import { clip } from '../kit/text.js';

/** Limits for a field's name, for a value beside its name, and for an earlier value, in characters. */
const NAME_CHARS = 64;
const LINE_CHARS = 200;
const BEFORE_CHARS = 100;
/** Most fields that are shown. */
const MOST_FIELDS = 40;

/** Arguments as rich text: names, with values in full as far as `room` (in characters) goes. `left`: number of fields that are not shown in full. */
export interface DrawnFields {
  elements: RichTextBlockElement[];
  left: number;
}

/** Draws the fields of a call in their order. An edited field has its earlier value beside it. */
export function drawFields({ input, edited }: Pick<ToolCall, 'input' | 'edited'>, room: number): DrawnFields {
  const elements: RichTextBlockElement[] = [];
  let lines: RichTextElement[][] = [];
  let space = room;
  let left = 0;
  const endList = () => {
    if (lines.length > 0) elements.push(list('bullet', lines));
    lines = [];
  };
  for (const [at, [key, value]] of Object.entries(input).entries()) {
    const name = nameText(key);
    const text = valueText(value);
    const isWhole = at < MOST_FIELDS && name.length <= NAME_CHARS && name.length + text.length <= space;
    if (!isWhole) left += 1;
    if (at >= MOST_FIELDS || (!isWhole && space < NAME_CHARS)) continue;
    const shown = isWhole ? text : clip(text, Math.max(space - name.length, 40));
    space -= name.length + shown.length;
    const title = verbatim(`${clip(name, NAME_CHARS)}: `, { bold: true });
    const before = edited && space > BEFORE_CHARS ? beforeText(edited.from, key, value) : [];
    if (before.length > 0) space -= BEFORE_CHARS;
    if (isLine(shown)) lines.push([title, verbatim(shown), ...before]);
    else {
      // A box of its own, so that no text of others looks like a further field.
      endList();
      elements.push(paragraph(title, ...before), {
        type: 'rich_text_preformatted',
        elements: [verbatimText(shown)],
      });
    }
  }
  for (const key of Object.keys(edited?.from ?? {})) {
    if (Object.hasOwn(input, key) || space < NAME_CHARS) continue;
    const name = clip(nameText(key), NAME_CHARS);
    space -= NAME_CHARS;
    lines.push([verbatim(`${name}: `, { bold: true }), verbatim('removed', { italic: true })]);
  }
  endList();
  return { elements, left };
}

/** Arguments in one short line. */
export function fieldsLine(input: Record<string, unknown>, limit: number): string {
  const fields = Object.entries(input).map(([name, value]) => `${nameText(name)}: ${valueText(value)}`);
  return clip(fields.join(' · ').replaceAll(/\s+/g, ' '), limit);
}

function beforeText(from: Record<string, unknown>, key: string, value: unknown): RichTextElement[] {
  const earlier = Object.hasOwn(from, key) ? valueText(from[key]) : undefined;
  if (earlier === valueText(value)) return [];
  if (earlier === undefined) return [verbatim(' (new)', { italic: true })];
  return [verbatim(' '), verbatim(clip(earlier.replaceAll(/\s+/g, ' '), BEFORE_CHARS), { strike: true })];
}

const isLine = (text: string) => text.length <= LINE_CHARS && !/[\r\n]/.test(text);

const verbatimText = (text: string) => ({ type: 'text' as const, text: text || ' ' });

/** Name of a field. The model may send any characters. */
function nameText(name: string): string {
  return /^[\p{L}\p{N}_.-]+$/u.test(name) ? visible(name) : visible(JSON.stringify(name));
}

/** A text as it is, anything else as JSON. A text that reads as something else, or as nothing, is in quotes. */
function valueText(value: unknown): string {
  if (typeof value !== 'string') {
    const json = JSON.stringify(value);
    return visible(json.length > LINE_CHARS ? JSON.stringify(value, null, 2) : json);
  }
  const needsQuotes =
    value.trim() !== value || /^(?:-?\d[\d.eE+-]*|true|false|null||[[{"][\s\S]*)$/.test(value);
  return visible(needsQuotes ? JSON.stringify(value) : value);
}

/** Arguments as indented JSON for people: exactly what is sent, with characters that can't be seen written out as JSON writes them. */
export function argumentsText(input: Record<string, unknown>): string {
  return visible(JSON.stringify(input, null, 2));
}
