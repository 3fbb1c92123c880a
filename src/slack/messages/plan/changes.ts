import type { KnownBlock, RichTextElement } from '@slack/types';
import { diffArrays, diffWordsWithSpace } from 'diff';
import type { Plan, PlanStep, Source } from '../../../run/plan.js';
import { context, line } from '../kit/lines.js';
import { listBlocks, titled } from '../kit/rich-text.js';
import { verbatim } from '../kit/text.js';

/**
 * Comparing takes time with the square of what differs, and the whole process waits for it: what differs in more words, or items,
 * than this stands one after the other. At `least` so many are looked for however much was compared before.
 */
const EDITS = { most: 400, least: 20, items: 600 } as const;

/** Squares of edits that one comparison of two plans may take: about a quarter of a second. */
const EFFORT = 3 * EDITS.most ** 2;

/** What has changed between two revisions of a plan: what went is struck through, what came is bold. */
export function changeBlocks(
  before: Plan,
  after: Plan,
  revisions: { from: number; to: number },
): KnownBlock[] {
  const words = createWords();
  const text = (old: string, fresh: string) => (old === fresh ? [] : [words(old, fresh)]);
  const parts = [
    ...section('Title', text(before.title, after.title)),
    ...section('Summary', text(before.summary, after.summary)),
    ...section('Steps', items(before.steps.map(stepText), after.steps.map(stepText), words)),
    ...section('Risks', items(before.risks, after.risks, words)),
    ...section('Sources', items(before.sources.map(sourceText), after.sources.map(sourceText), words)),
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
  return titled(title, listBlocks('bullet', changes));
}

type Words = (before: string, after: string) => RichTextElement[];

/** The items of two lists that aren't in both, in order; one that took another's place is shown word by word. */
function items(from: string[], to: string[], words: Words): RichTextElement[][] {
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
  const all = [
    { value: from, removed: true, added: false },
    { value: to, removed: false, added: true },
  ];
  for (const { value, added, removed } of diffArrays(from, to, { maxEditLength: EDITS.items }) ?? all) {
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

/** Shows two texts in one, word by word; those that share hardly anything, or differ in too much, stand one after the other. */
function createWords(): Words {
  let effort = EFFORT;
  return (before, after) => {
    const most = Math.min(EDITS.most, Math.max(EDITS.least, Math.floor(Math.sqrt(Math.max(effort, 0)))));
    const parts = diffWordsWithSpace(before, after, { maxEditLength: most });
    const edits = parts?.reduce((sum, { added, removed, count }) => sum + (added || removed ? count : 0), 0);
    effort -= (edits ?? most) ** 2;
    const kept = parts
      ?.filter(({ added, removed }) => !added && !removed)
      .reduce((sum, { value }) => sum + value.length, 0);
    if (!parts || (kept ?? 0) * 3 < Math.min(before.length, after.length)) {
      return [verbatim(before, { strike: true }), verbatim(' '), verbatim(after, { bold: true })];
    }
    return parts.map(({ value, added, removed }) =>
      added ? verbatim(value, { bold: true }) : removed ? verbatim(value, { strike: true }) : verbatim(value),
    );
  };
}

function stepText({ title, detail }: PlanStep): string {
  return detail === '' ? title : `${title} — ${detail}`;
}

function sourceText({ title, url }: Source): string {
  return `${title} (${url})`;
}
