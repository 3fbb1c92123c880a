import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blockProblems } from '../../../sandbox/workspace/validation/blocks.js';
import type { Plan } from '../../../src/run/plan.js';
import { detailsModal } from '../../../src/slack/messages/details/details-modal.js';
import { paginate } from '../../../src/slack/messages/kit/paginate.js';
import { changeBlocks } from '../../../src/slack/messages/plan/changes.js';
import { editModal, readSteps } from '../../../src/slack/messages/plan/modals.js';
import { decision, plan } from '../../support/samples.js';

/** Text of a comparison, a line an item: -gone-, +come+. */
function said(after: Partial<Plan>, before: Plan = plan): string[] {
  const blocks = changeBlocks(before, { ...plan, ...after }, { from: 1, to: 2 });
  return blocks.flatMap((block) => {
    if (block.type !== 'rich_text') return [];
    return block.elements.flatMap((element) =>
      element.type === 'rich_text_list'
        ? element.elements.map((item) =>
            item.elements
              .map((part) => {
                const { text = '', style } = part as {
                  text?: string;
                  style?: { bold?: boolean; strike?: boolean };
                };
                return style?.strike ? `-${text}-` : style?.bold ? `+${text}+` : text;
              })
              .join(''),
          )
        : [],
    );
  });
}

const [first, second] = plan.steps as [Plan['steps'][number], Plan['steps'][number]];
const added = { title: 'Ask the team', detail: 'By e-mail.' };

describe('what has changed between two revisions', () => {
  const cases: [string, Partial<Plan>, string[]][] = [
    ['nothing', {}, []],
    ['a step that came in the middle', { steps: [first, added, second] }, ['2. +Ask the team — By e-mail.+']],
    ['a step that went', { steps: [first] }, ['-Write the notes-']],
    [
      'a step that was put into other words',
      { steps: [first, { title: 'Write the short notes', detail: '' }] },
      ['2. Write the +short +notes'],
    ],
    [
      'a step that was replaced',
      { steps: [first, { title: 'Celebrate', detail: '' }] },
      ['2. +Before: +Write the notes+\nNow: +Celebrate'],
    ],
    [
      'a risk and a source',
      { risks: [], sources: [] },
      [
        '-A change may be missing from the list.-',
        '-How to write release notes (https://docs.example.com/notes)-',
      ],
    ],
    ['the title', { title: 'Release notes for 2.5' }, ['Release notes for 2.-4-+5+']],
  ];
  for (const [why, after, lines] of cases) it(`is ${why}`, () => assert.deepEqual(said(after), lines));

  it('is taken by Slack, whatever the plans', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 3_000 });
    const anyPlan: fc.Arbitrary<Plan> = fc.record({
      title: text,
      summary: text,
      steps: fc.array(fc.record({ title: text, detail: text }), { maxLength: 8 }),
      risks: fc.array(text, { maxLength: 4 }),
      sources: fc.array(fc.record({ title: text, url: fc.webUrl() }), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(anyPlan, anyPlan, (before, after) => {
        for (const page of paginate(changeBlocks(before, after, { from: 1, to: 2 }))) {
          assert.deepEqual(blockProblems(page, 'messages'), []);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the form in which a plan is edited', () => {
  const items = [{ id: 'plan', digest: 'd' }];
  const about = { button: { run: 'abcd2345', request: 'r', revision: 1, items }, channel: 'C1' };
  const field = (value: string | null) => ({ step_text: { value } });

  it('gives back the plan as it is when nothing is touched', () => {
    const view = editModal(about, plan);
    const values = Object.fromEntries(
      (view?.blocks ?? []).flatMap((block) => {
        const { block_id, element } = block as { block_id?: string; element?: { initial_value?: string } };
        return element ? [[block_id ?? '', field(element.initial_value ?? null)]] : [];
      }),
    );
    assert.deepEqual(readSteps(plan, values), plan.steps);
  });

  it('takes a step away when its field is emptied, and more out of the last one', () => {
    const values = { step_0: field(null), more_steps: field('One\nof two\n\n \nTwo') };
    assert.deepEqual(readSteps(plan, values), [
      second,
      { title: 'One', detail: 'of two' },
      { title: 'Two', detail: '' },
    ]);
  });

  it('leaves a step alone that is too long for a field, and says no when the whole is too long', () => {
    const long = { title: 'long', detail: 'x'.repeat(4_000) };
    const view = editModal(about, { ...plan, steps: [long, second] });
    assert.match(JSON.stringify(view?.blocks[1]), /too long for this form, and stays as it is/);
    assert.deepEqual(readSteps({ ...plan, steps: [long, second] }, { step_1: field(null) }), [long]);
    const many = Array.from({ length: 120 }, (_, index) => ({ title: `step ${index}`, detail: '' }));
    assert.equal(editModal(about, { ...plan, steps: many }), undefined);
  });
});

describe('a run’s story', () => {
  it('stays within a view’s limits, however long it was, and says what it leaves out', () => {
    const entries = Array.from({ length: 300 }, (_, index) => ({
      shortId: 'abcd2345',
      key: String(index),
      kind: 'refused' as const,
      at: '2026-11-24T10:00:00.000Z',
      data: {
        decision: decision({ note: 'n'.repeat(3_000) }),
        refusal: { reason: 'not-an-approver' as const },
      },
    }));
    const view = detailsModal('abcd2345', entries, { head: { sequence: 300, hash: 'a'.repeat(64) } });
    assert.ok(view.blocks.length <= 100);
    assert.ok(Buffer.byteLength(JSON.stringify(view)) < 250_000);
    assert.match(JSON.stringify(view.blocks), /What happened.{0,80}beginning is left out/);
  });
});
