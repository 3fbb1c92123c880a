import type { KnownBlock, RichTextElement } from '@slack/types';
import { diffArrays, diffWordsWithSpace } from 'diff';
import type { Plan, PlanStep, Source } from '../../core/plan.js';
import { context, line } from './lines.js';
import { dealItems, list, paragraph, richText } from './rich-text.js';
import { verbatim } from './text.js';

/** What has changed between two revisions of a plan: what went is struck through, what came is bold. */
export function changeBlocks(
  before: Plan,
  after: Plan,
  revisions: { from: number; to: number },
): KnownBlock[] {
  const parts = [
    ...section('Title', before.title === after.title ? [] : [words(before.title, after.title)]),
    ...section('Summary', before.summary === after.summary ? [] : [words(before.summary, after.summary)]),
    ...section('Steps', items(before.steps, after.steps, stepText)),
    ...section(
      'Risks',
      items(before.risks, after.risks, (risk) => risk),
    ),
    ...section('Sources', items(before.sources, after.sources, sourceText)),
  ];
  const title = `*What has changed* from revision ${revisions.from} to revision ${revisions.to}`;
  if (parts.length === 0) return [line(title), context('Nothing: the two revisions read the same.')];
  return [
    line(title),
    ...parts,
    context('~Struck through~ went, *bold* came. What is not here is as it was.'),
  ];
}

function section(title: string, changes: RichTextElement[][]): KnownBlock[] {
  if (changes.length === 0) return [];
  const [first, ...rest] = dealItems(changes);
  const heading = paragraph(verbatim(title, { bold: true }));
  return [
    ...(first ? [richText(heading, list('bullet', first))] : []),
    ...rest.map((chunk) => richText(list('bullet', chunk))),
  ];
}

/** The items of two lists that aren't in both, in order; one that took another's place is shown word by word. */
function items<T>(before: T[], after: T[], text: (item: T) => string): RichTextElement[][] {
  const from = before.map(text);
  const to = after.map(text);
  const changes: RichTextElement[][] = [];
  let gone: string[] = [];
  let position = 0;
  const flush = (come: string[]) => {
    for (let at = 0; at < Math.max(gone.length, come.length); at += 1) {
      const [old, fresh] = [gone[at], come[at]];
      const number = fresh === undefined ? '' : `${position - come.length + at + 1}. `;
      if (old === undefined) changes.push([verbatim(number), verbatim(fresh ?? '', { bold: true })]);
      else if (fresh === undefined) changes.push([verbatim(old, { strike: true })]);
      else changes.push([verbatim(number), ...words(old, fresh)]);
    }
    gone = [];
  };
  for (const { value, added, removed } of diffArrays(from, to)) {
    if (removed) {
      gone = value;
      continue;
    }
    position += value.length;
    flush(added ? value : []);
  }
  flush([]);
  return changes;
}

/** Two texts in one, word by word; those that share hardly anything stand one after the other. */
function words(before: string, after: string): RichTextElement[] {
  const parts = diffWordsWithSpace(before, after);
  const kept = parts
    .filter(({ added, removed }) => !added && !removed)
    .reduce((sum, { value }) => sum + value.length, 0);
  if (kept * 3 < Math.min(before.length, after.length)) {
    return [verbatim(before, { strike: true }), verbatim(' '), verbatim(after, { bold: true })];
  }
  return parts.map(({ value, added, removed }) =>
    added ? verbatim(value, { bold: true }) : removed ? verbatim(value, { strike: true }) : verbatim(value),
  );
}

function stepText({ title, detail }: PlanStep): string {
  return detail === '' ? title : `${title} — ${detail}`;
}

function sourceText({ title, url }: Source): string {
  return `${title} (${url})`;
}
