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

/** A text that differs in a larger share of its characters, or in more places, is shown old and new. Word by word nobody could read it. */
const READABLE = { changed: 0.4, places: 6 } as const;

/** Changes between two revisions of a plan. Removed words are struck through, new words are bold. A heavily edited text is shown old and new. */
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
  const title = `*What changed* from revision ${revisions.from} to revision ${revisions.to}`;
  const note =
    parts.length === 0
      ? 'Nothing: the two revisions read the same.'
      : '~Struck through~: removed. *Bold*: new. Everything else is unchanged.';
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

/** Makes a function that merges two texts word by word, or shows them one after the other. */
function createComparison(): Comparison {
  let effort = EFFORT;
  return (before, after) => {
    const most = Math.min(EDITS.most, Math.max(EDITS.least, Math.floor(Math.sqrt(Math.max(effort, 0)))));
    const parts = diffWordsWithSpace(before, after, { maxEditLength: most });
    let [edits, kept, places] = [0, 0, 0];
    for (const [at, { added, removed, count, value }] of (parts ?? []).entries()) {
      if (added || removed) edits += count;
      else kept += value.length;
      // A replaced word is two parts.
      if (removed || (added && !parts?.[at - 1]?.removed)) places += 1;
    }
    effort -= (parts ? edits : most) ** 2;
    const changed = 1 - kept / Math.max(before.length, after.length, 1);
    if (!parts || changed > READABLE.changed || places > READABLE.places) {
      const label = (text: string) => verbatim(text, { bold: true });
      return [label('Before: '), verbatim(before), label('\nNow: '), verbatim(after)];
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
