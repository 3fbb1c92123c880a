import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InputBlock } from '@slack/types';
import fc from 'fast-check';
import { viewProblems } from '../../../sandbox/workspace/validation/views.js';
import { editCallModal, editorLeftOutText } from '../../../src/slack/messages/request/edit-form.js';
import {
  type FormTexts,
  formOf,
  isFormOf,
  readForm,
} from '../../../src/slack/messages/request/form-fields.js';
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
    const named = (errors: Record<string, string>) =>
      Object.fromEntries(
        (formOf(INPUT, SCHEMA) ?? []).flatMap(({ name = '', block }) =>
          errors[block] ? [[name, errors[block]]] : [],
        ),
      );
    assert.deepEqual(named(read.errors), {
      title: "This can't be empty.",
      count: 'Write a whole number of at most 15 digits.',
      price: 'Write a number of at most 15 digits.',
      tags: 'This is not valid JSON.',
    });
    const long = sent(INPUT, { tags: '[12345678901234567890]' });
    assert.ok('errors' in long);
    assert.deepEqual(named(long.errors), { tags: 'A number in it is too long. Put it in quotes.' });
  });

  it('takes a number as it is written, or says that it can’t', () => {
    for (const [count, expected] of [
      ['12', 12],
      ['-3', -3],
      ['1e3', 1_000],
      [' 7 ', 7],
    ] as const)
      assert.deepEqual(sent(INPUT, { count }), { input: { ...INPUT, count: expected } });
    for (const count of ['9007199254740993', '0x10', '1_000', '"7"', ' ', 'null'])
      assert.ok('errors' in sent(INPUT, { count }), count);
  });

  it('keeps a value that is none of the schema’s choices', () => {
    const schema = { properties: { size: { type: 'string', enum: ['S', 'M'] } } };
    const [field] = formOf({ size: 'XL' }, schema) ?? [];
    assert.deepEqual([field?.options, field?.text], [undefined, 'XL']);
  });

  it('is read by the names of its fields, in whatever order the server lists them, and never as another form', () => {
    const input = { to: 'alice', cc: 'eve' };
    const properties = { to: { type: 'string' }, cc: { type: 'string' } };
    const { to, cc } = properties;
    const opened = formOf(input, { properties }) ?? [];
    const texts = Object.fromEntries(opened.map(({ block, text }) => [block, text]));
    const now = formOf(input, { properties: { cc, to } }) ?? [];
    assert.equal(isFormOf(now, texts), true);
    assert.deepEqual(readForm(input, now, texts), { input });
    for (const other of [undefined, { properties: { to, cc, bcc: cc } }])
      assert.equal(isFormOf(formOf(input, other) ?? [], texts), false);
    assert.equal(isFormOf(formOf({ to: 'alice' }, { properties: { to } }) ?? [], texts), false);
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
