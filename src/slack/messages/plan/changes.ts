import type { KnownBlock, RichTextElement } from '@slack/types';
import { diffArrays, diffWordsWithSpace } from 'diff';
import type { PlanStep } from '../../../approval/decision.js';
import type { Plan, Source } from '../../../run/plan.js';
import { context, line } from '../kit/blocks.js';
import { listBlocks, titledBlocks, verbatim } from '../kit/rich-text.js';

/**
 * Limits for a comparison, which takes quadratic time and blocks the process. Texts with more than `most` different words, and lists with
 * more than `items` different items, are shown one after the other. `least` different words are always compared.
 */
const EDITS = { most: 400, least: 20, items: 600 } as const;

/** Limit for the comparison of two plans, in squared differences: about a quarter of a second. */
const EFFORT = 3 * EDITS.most ** 2;

/** Changes between two revisions of a plan: removed words are struck through, new words are bold. */
export function changeBlocks(
  before: Plan,
  after: Plan,
  revisions: { from: number; to: number },
): KnownBlock[] {
  const compare = createComparison();
  const texts = (old: string, fresh: string) => (old === fresh ? [] : [compare(old, fresh)]);
  const lists = (old: string[], fresh: string[]) => compareLists(old, fresh, compare);
  const sections: [title: string, changes: RichTextElement[][]][] = [
    ['Title', texts(before.title, after.title)],
    ['Summary', texts(before.summary, after.summary)],
    ['Steps', lists(before.steps.map(stepText), after.steps.map(stepText))],
    ['Risks', lists(before.risks, after.risks)],
    ['Sources', lists(before.sources.map(sourceText), after.sources.map(sourceText))],
  ];
  const parts = sections.flatMap(([title, changes]) => titledBlocks(title, listBlocks('bullet', changes)));
  const title = `*What has changed* from revision ${revisions.from} to revision ${revisions.to}`;
  const note =
    parts.length === 0
      ? 'Nothing: the two revisions read the same.'
      : '~Struck through~ went, *bold* came. What is not here is as it was.';
  return [line(title), ...parts, context(note)];
}

type Comparison = (before: string, after: string) => RichTextElement[];

/** Items that only one of two lists holds, in order. An item in another's place is compared with it word by word. */
function compareLists(from: string[], to: string[], compare: Comparison): RichTextElement[][] {
  const changes: RichTextElement[][] = [];
  let gone: string[] = [];
  let position = 0;
  const flush = (come: string[]) => {
    for (const [at, fresh] of come.entries()) {
      const old = gone[at];
      const shown = old === undefined ? [verbatim(fresh, { bold: true })] : compare(old, fresh);
      changes.push([verbatim(`${position + at + 1}. `), ...shown]);
    }
    changes.push(...gone.slice(come.length).map((old) => [verbatim(old, { strike: true })]));
    gone = [];
  };
  const all = [
    { value: from, removed: true, added: false },
    { value: to, removed: false, added: true },
  ];
  for (const { value, added, removed } of diffArrays(from, to, { maxEditLength: EDITS.items }) ?? all) {
    if (removed) gone = value;
    else {
      flush(added ? value : []);
      position += value.length;
    }
  }
  flush([]);
  return changes;
}

/** Makes a function that merges two texts word by word. Texts with too little in common, or too many changes, are shown one after the other. */
function createComparison(): Comparison {
  let effort = EFFORT;
  return (before, after) => {
    const most = Math.min(EDITS.most, Math.max(EDITS.least, Math.floor(Math.sqrt(Math.max(effort, 0)))));
    const parts = diffWordsWithSpace(before, after, { maxEditLength: most });
    let [edits, kept] = [0, 0];
    for (const { added, removed, count, value } of parts ?? []) {
      if (added || removed) edits += count;
      else kept += value.length;
    }
    effort -= (parts ? edits : most) ** 2;
    if (!parts || kept * 3 < Math.min(before.length, after.length)) {
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
