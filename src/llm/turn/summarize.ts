import { createHash } from 'node:crypto';
import { clip } from '../../platform/cut.js';
import type { Exchange, TurnRequest } from '../../run/execution/conversation.js';
import type { ContentBlock } from '../../run/execution/tools.js';
import { assignmentPrompt } from '../prompts.js';

/** Limit for the conversation in the request for a summary, in characters. It fits into a context of 100,000 tokens in any language. */
const MAX_CHARS = 90_000;
/** Limits for one text of the conversation, in characters. The first at which the conversation fits is used. */
const TEXT_CHARS = [2_000, 500, 120] as const;
/** Limits for the list of calls that may have changed something: the newest, and the characters of each. */
const CHANGES = { most: 100, length: 200 } as const;

/** Prompt for a summary of a conversation that no longer fits into the model's context. */
export function summaryPrompt(input: TurnRequest): string {
  const conversation = transcribe(input.exchanges);
  const mark = `=== ${createHash('sha256').update(conversation).digest('hex').slice(0, 16)}`;
  return [
    'Sum up what was done so far in carrying out this assignment.',
    assignmentPrompt(input),
    `The conversation stands between two lines that begin with "${mark}". Long answers of tools are shortened.`,
    `${mark} begin\n${conversation}\n${mark} end`,
  ].join('\n\n');
}

/** Message that stands for the conversation. It lists the changes itself, in case the summary forgets one. */
export function summaryMessage(summary: string, { exchanges, tools }: TurnRequest): string {
  const changes = listChanges(
    exchanges,
    new Set(tools.filter((tool) => tool.readOnly).map(({ name }) => name)),
  );
  return [
    '(The conversation so far became too long, so this summary of yours stands for it. What it says was done is done: do not do it again.)',
    summary,
    changes.length > 0 && `Calls so far that may have changed something:\n${changes.join('\n')}`,
    'Go on with the plan.',
  ]
    .filter(Boolean)
    .join('\n\n');
}

function transcribe(exchanges: readonly Exchange[]): string {
  const texts = TEXT_CHARS.map((limit) =>
    exchanges.flatMap(({ content }) => content.flatMap((block) => lineOf(block, limit))).join('\n'),
  );
  const fitting = texts.find((text) => text.length <= MAX_CHARS);
  if (fitting !== undefined) return fitting;
  const shortest = texts.at(-1) ?? '';
  const half = MAX_CHARS / 2;
  // Whole lines, so that no character is split.
  const [start, end] = [shortest.slice(0, half), shortest.slice(-half)];
  return `${start.replace(/[^\n]*$/, '')}(The middle is left out.)${end.replace(/^[^\n]*/, '')}`;
}

function lineOf(block: ContentBlock, limit: number): string[] {
  switch (block.type) {
    case 'text':
      return [`Said: ${clipLine(String(block.text), limit)}`];
    case 'tool_use':
      return [`Called ${block.name} with ${clipLine(JSON.stringify(block.input), limit)}`];
    case 'tool_result':
      return [`${block.is_error ? 'It failed' : 'It answered'}: ${clipLine(textOf(block), limit)}`];
    case 'server_tool_use':
      return [`Used ${block.name}: ${clipLine(JSON.stringify(block.input), limit)}`];
    default:
      return [];
  }
}

function listChanges(exchanges: readonly Exchange[], readOnly: ReadonlySet<string>): string[] {
  const blocks = exchanges.flatMap(({ content }) => content);
  const failed = new Set(blocks.filter(({ is_error }) => is_error).map(({ tool_use_id }) => tool_use_id));
  // The list of a summary before this one stays.
  const listed = blocks.flatMap(({ type, text }) =>
    type === 'text'
      ? [...String(text).matchAll(/^- [\w-]+ .*: (?:done|refused or failed)$/gm)].map(([line]) => line)
      : [],
  );
  const calls = blocks
    .filter(({ type, name }) => type === 'tool_use' && !readOnly.has(String(name)))
    .map(({ id, name, input }) => {
      const end = failed.has(id) ? 'refused or failed' : 'done';
      return `- ${name} ${clipLine(JSON.stringify(input), CHANGES.length)}: ${end}`;
    });
  return [...new Set([...listed, ...calls])].slice(-CHANGES.most);
}

function textOf({ content }: ContentBlock): string {
  if (!Array.isArray(content)) return String(content ?? '');
  return content.map(({ text, type }) => (typeof text === 'string' ? text : `[${type}]`)).join('\n');
}

function clipLine(text: string, limit: number): string {
  return clip(text.replaceAll(/\s+/g, ' ').trim(), limit);
}
