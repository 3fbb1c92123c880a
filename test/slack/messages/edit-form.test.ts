import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InputBlock } from '@slack/types';
import fc from 'fast-check';
import { viewProblems } from '../../../sandbox/workspace/validation/views.js';
import { editCallModal, editorLeftOutText } from '../../../src/slack/messages/request/edit-form.js';
import { type FormTexts, formOf, readForm } from '../../../src/slack/messages/request/form-fields.js';
import { toolCall } from '../../support/requests.js';

const SCHEMA = {
  type: 'object',
  properties: {
    title: { type: 'string', description: 'What is to be done' },
    count: { type: 'integer' },
    price: { type: 'number' },
    done: { type: 'boolean' },
    size: { type: 'string', enum: ['S', 'M', 'L'] },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['title', 'size'],
};
const INPUT = { title: 'Buy stickers', count: 3, done: false, size: 'M', tags: ['a'] };

const button = { run: 'abcd2345', request: 'r', revision: 1, items: [{ id: '1', digest: 'd' }] };
const modalOf = (input: Record<string, unknown>, schema?: Record<string, unknown>) =>
  editCallModal({ button, clickedOn: '1.0' }, toolCall({ input }), schema);

/** The form as it is sent when nobody changes it, with some other texts by the fields' names. */
function sent(input: Record<string, unknown>, changes: Record<string, string | null> = {}, schema = SCHEMA) {
  const form = formOf(input, schema) ?? [];
  const texts: FormTexts = Object.fromEntries(
    form.map(({ name = '', block, text }) => [block, name in changes ? changes[name] : text || null]),
  );
  return readForm(input, form, texts);
}

describe('the form for an action’s values', () => {
  it('has a field for each value by its schema: text, number, choice, and JSON for the rest', () => {
    const view = modalOf(INPUT, SCHEMA);
    assert.deepEqual(viewProblems(view, 'modal'), []);
    const fields = (view?.blocks ?? []).flatMap((block) =>
      block.type === 'input' ? [block as InputBlock] : [],
    );
    assert.deepEqual(
      fields.map(({ label, element, optional }) => [label.text, element.type, optional]),
      [
        ['title', 'plain_text_input', false],
        ['count', 'plain_text_input', true],
        ['price', 'plain_text_input', true],
        ['done', 'static_select', true],
        ['size', 'static_select', false],
        ['tags (JSON)', 'plain_text_input', true],
      ],
    );
  });

  it('gives back exactly the same where nothing is changed, line ends of Windows too', () => {
    assert.deepEqual(sent(INPUT), { input: INPUT });
    const input = { ...INPUT, title: 'a\r\nb\u200b', extra: { deep: [null] } };
    assert.deepEqual(sent(input, { title: 'a\nb\u200b' }), { input });
  });

  it('takes changed, cleared and new values, each as what it is', () => {
    const changes = { title: '12', count: null, price: '1.5', done: 'true', size: 'L', tags: '["b", 7]' };
    assert.deepEqual(sent(INPUT, changes), {
      input: { title: '12', price: 1.5, done: true, size: 'L', tags: ['b', 7] },
    });
  });

  it('says under the field what is wrong with it', () => {
    const read = sent(INPUT, { count: '2.5', price: 'dear', tags: '[', title: null });
    assert.ok('errors' in read);
    assert.deepEqual(read.errors, {
      argument_0: "This can't be empty.",
      argument_1: 'Write a whole number.',
      argument_2: 'Write a number.',
      argument_5: 'This is not valid JSON.',
    });
    assert.deepEqual(sent(INPUT, { tags: '[12345678901234567890]' }), {
      errors: { argument_5: 'A number in it is too long. Put it in quotes.' },
    });
  });

  it('is one field of JSON where the schema is unknown, has too many fields, or one is too long', () => {
    const many = Object.fromEntries(
      Array.from({ length: 31 }, (_, index) => [`f${index}`, { type: 'string' }]),
    );
    for (const schema of [undefined, {}, { properties: [] }, { properties: many }]) {
      const form = formOf(INPUT, schema as Record<string, unknown> | undefined);
      assert.deepEqual(
        form?.map(({ name, kind }) => [name, kind]),
        [[undefined, 'json']],
      );
      assert.deepEqual(readForm(INPUT, form ?? [], { arguments: '{"title": "x"}' }), {
        input: { title: 'x' },
      });
      for (const odd of ['[]', '7', 'null', '{'])
        assert.ok('errors' in readForm(INPUT, form ?? [], { arguments: odd }), odd);
    }
  });

  it('is not there for what Slack can’t take', () => {
    assert.equal(
      modalOf({ text: 'x'.repeat(3_001) }, { properties: { text: { type: 'string' } } }),
      undefined,
    );
    assert.equal(modalOf({ text: 'x'.repeat(3_001) }), undefined);
  });

  it('warns before it is filled in that an edit can’t be taken, or that more people are asked', () => {
    assert.match(editorLeftOutText({ escalates: false }), /So you can't edit it\. Reject it/);
    const warning = editorLeftOutText({ escalates: true });
    const view = editCallModal({ button, clickedOn: '', warning }, toolCall(), undefined);
    assert.ok(JSON.stringify(view?.blocks).includes(warning));
  });

  it('is taken by Slack, and changes nothing by itself, whatever the tool’s schema is', () => {
    const property = fc.oneof(
      fc.record({
        type: fc.constantFrom('string', 'number', 'integer', 'boolean', 'array', 'object', 'null'),
      }),
      fc.record({ enum: fc.array(fc.oneof(fc.string(), fc.jsonValue()), { maxLength: 5 }) }),
      fc.record({ type: fc.constant('string'), description: fc.string({ maxLength: 4_000 }) }),
      fc.jsonValue(),
    );
    const name = fc.string({ minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 6 }),
        fc.dictionary(name, property, { maxKeys: 6 }),
        (given, properties) => {
          const input = JSON.parse(JSON.stringify(given)) as Record<string, unknown>;
          const view = modalOf(input, { type: 'object', properties, required: Object.keys(properties) });
          assert.deepEqual(viewProblems(view, 'modal'), []);
          const form = formOf(input, { properties }) ?? [];
          const texts = Object.fromEntries(form.map(({ block, text }) => [block, text || null]));
          assert.deepEqual(readForm(input, form, texts), { input });
        },
      ),
      { numRuns: 150 },
    );
  });
});
