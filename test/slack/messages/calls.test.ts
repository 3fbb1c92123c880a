import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import { losesRichText } from '../../../sandbox/workspace/validation/blocks.js';
import { viewProblems } from '../../../sandbox/workspace/validation/views.js';
import type { Outcome } from '../../../src/approval/request.js';
import type { ToolCall } from '../../../src/run/execution/tools.js';
import type { RequestItem, RequestMessage } from '../../../src/run/request.js';
import { decodeButton } from '../../../src/slack/messages/kit/ids.js';
import type { MessageWithAttachments } from '../../../src/slack/messages/kit/payload.js';
import { argumentsText } from '../../../src/slack/messages/request/call-fields.js';
import { exactInputModal } from '../../../src/slack/messages/request/exact-input.js';
import { requestMessage } from '../../../src/slack/messages/request/request-message.js';
import { toolCall, toolMessage } from '../../support/requests.js';
import { ana, ben, chloe, decision, policyWith, verdict } from '../../support/samples.js';
import {
  assertHarmless,
  assertTaken,
  buttonElements,
  drawnText,
  HOSTILE,
  labelsOf,
  markupOf,
} from '../../support/slack/drawn.js';

const at = '2026-11-24T10:00:00.000Z';

const one = (own: Partial<RequestItem> = {}, call: Partial<ToolCall> = {}) =>
  requestMessage(toolMessage(own, call));

/** Text of each block of rich text, as people read it. */
const read = ({ blocks }: MessageWithAttachments) =>
  blocks.flatMap((block) => (block.type === 'rich_text' ? [textsIn(block.elements).join('')] : []));
function textsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { text, user_id: user } = value as { text?: unknown; user_id?: unknown };
  const own = typeof text === 'string' ? [text] : typeof user === 'string' ? [`<@${user}>`] : [];
  return [...own, ...Object.values(value).flatMap(textsIn)];
}

const SENTENCE = 'Add “Buy stickers” to the to-do list';
const add = (own: Partial<ToolCall> & { own?: Partial<RequestItem> } = {}) => ({
  name: 'todo__add_todo',
  input: { title: 'Buy stickers' },
  sentence: SENTENCE,
  ...own,
});

/** Message of several calls; each has its own item. */
function several(calls: (Partial<ToolCall> & { own?: Partial<RequestItem> })[]): RequestMessage {
  const items = calls.map(({ own, ...call }, index): RequestItem => {
    const { item } = toolMessage({ id: String(index + 1), digest: `${index}`.repeat(64), ...own }, call);
    return item;
  });
  const message = toolMessage();
  return { ...message, item: items[0] ?? message.item, items };
}

const outcomes: (Outcome | undefined)[] = [
  undefined,
  verdict({}, [decision({ note: 'fine' })]),
  verdict({}, [decision({ everyCall: true })]),
  verdict({ kind: 'reject', note: 'wrong file', by: ben }),
  verdict({ kind: 'edit', by: ben, input: { path: 'other.md' } }),
  { kind: 'expired', at },
  { kind: 'withdrawn' },
];

describe('an action that people are asked about', () => {
  for (const outcome of outcomes) {
    it(`is taken by Slack when it ${outcome?.kind ?? 'waits'}, and has buttons only while it waits`, () => {
      const message = one(outcome && { outcome });
      assertTaken(message);
      const waiting = [
        'Approve',
        'Reject',
        'Edit',
        'Exact input',
        'Always allow write_file of filesystem in this run',
      ];
      assert.deepEqual(labelsOf(message), outcome ? [] : waiting);
    });
  }

  it('is one sentence in the agent’s words, with its fields, its step and its reason beside it', () => {
    const message = one({}, add());
    assert.equal(
      read(message)[0],
      [
        SENTENCE,
        'Described by the agent. What will be sent:',
        'title: Buy stickers',
        "Step 2: Write the notes\nWhy, in the agent's words: The notes go into the repository.",
      ].join(''),
    );
    for (const part of [
      '*Approve this action?*',
      '`todo · add_todo` · This can change data.',
      'Decide by <!date^',
    ])
      assert.ok(markupOf(message).includes(part), part);
    assert.ok(drawnText(message).includes('Reason or note'));
  });

  it('says on a lock screen what is to be decided', () => {
    assert.equal(one({}, add()).text, `Approve? ${SENTENCE}`);
    assert.equal(one({ outcome: verdict({ kind: 'reject' }) }, add()).text, `Rejected: ${SENTENCE}`);
    const both = several([add(), add({ sentence: 'Remove “Buy stickers”' })]);
    assert.equal(requestMessage(both).text, `2 actions to approve: ${SENTENCE}; Remove “Buy stickers”`);
  });

  it('is told by its name and its first text where the agent has no words for it', () => {
    const call = toolCall({ name: 'todo__add_todo', input: { owner: '', title: 'Buy stickers' } });
    const [text = ''] = read(one({}, call));
    assert.ok(text.startsWith('Add todo: “Buy stickers”What will be sent:'), text);
  });

  it('says so when the tool’s server says that it only reads', () => {
    const markup = markupOf(one({}, { readOnly: true }));
    assert.match(markup, /This only reads, its server says\./);
    assert.doesNotMatch(markup, /can change data/);
  });

  it('says who may approve, that several must, and that it can’t be who asked', () => {
    const policy = policyWith({ approvers: ['UBEN', 'UCHLOE'], approvals: 2, requesterMayApprove: false });
    const votes = [decision({ by: ben })];
    const markup = markupOf(one({ policy, votes, editors: [chloe] }));
    assert.match(
      markup,
      /Waiting for <@UBEN>, <@UCHLOE> \(not <@UANA>, who asked, nor <@UCHLOE>, who changed the plan\)/,
    );
    assert.match(markup, /1 of 2 approvals, so far <@UBEN>/);
  });

  it('asks again before it allows a tool from now on, and says what that covers', () => {
    const confirmOf = (message: MessageWithAttachments) =>
      buttonElements(message).find(({ text }) => text.text.startsWith('Always allow'))?.confirm?.text.text ??
      '';
    assert.match(
      confirmOf(one({}, add())),
      /^From now on I run add_todo of todo in this run without asking, with any values, unless a stricter rule asks\. Actions of this kind that are waiting run, too, unless somebody edited them\.$/,
    );
    const rule = { match: 'pay__*', rule: 'ask' as const, where: { amount: ['> 1000'] } };
    const subject = { kind: 'tool-call' as const, call: toolCall({ input: { amount: 2500 } }), rule };
    assert.match(
      confirmOf(one({ subject })),
      /, for everything that this rule asks about: amount > 1,000\. Actions/,
    );
    assert.ok(read(one({ subject }))[0]?.includes('Asked because amount > 1,000'));
  });

  it('carries exactly which call was seen in its buttons', () => {
    const message = toolMessage();
    const items = [{ id: '1', digest: toolCall().digest }];
    const shown = { run: message.shortId, request: message.request, revision: 1, items };
    for (const { value } of buttonElements(requestMessage(message))) {
      assert.deepEqual(decodeButton(value), shown);
    }
  });

  it('folds when it is decided: what it was, who decided, in what words, and what follows', () => {
    const rejected = one({ outcome: verdict({ kind: 'reject', note: 'wrong file', by: ben }) }, add());
    assert.deepEqual(read(rejected), [`${SENTENCE}\ntitle: Buy stickerswrong file`]);
    assert.match(markupOf(rejected), /Rejected by <@UBEN> · .*Not run\. The agent continues without it\./);
    const standing = one({ outcome: verdict({}, [decision({ everyCall: true })]) });
    assert.match(markupOf(standing), /This run can now use it without asking/);
    const edited = one({ outcome: verdict({ kind: 'edit', by: ben, input: {} }) });
    assert.match(markupOf(edited), /Edited by <@UBEN> · .*The edited action is below\./);
  });

  it('shows who edited it, and each value before and after', () => {
    const edited = { by: [ben], from: { title: 'Buy stickers', owner: 'Ana', gone: 1 } };
    const call = toolCall({
      name: 'todo__add_todo',
      input: { title: 'Buy pens', owner: 'Ana', due: 'now' },
      edited,
    });
    const message = one({}, call);
    assertTaken(message);
    const [text = ''] = read(message);
    assert.ok(text.includes('Edited by <@UBEN>. What will be sent:'), text);
    assert.ok(text.includes('title: Buy pens Buy stickers'), text);
    assert.ok(text.includes('owner: Anadue: now (new)gone: removed'), text);
    assert.match(drawnText(message), /"text":"Buy stickers","style":\{"strike":true\}/);
    assert.ok(!labelsOf(message).some((label) => label.startsWith('Always allow')));
  });
});

describe('the actions of one turn', () => {
  const three = () =>
    several([
      add(),
      add({ name: 'todo__remove_todo', input: { id: 7 }, sentence: 'Remove “Old”', own: { alone: true } }),
      add({ sentence: 'Add “Book a room”', input: { title: 'Book a room' } }),
    ]);

  it('stand in one message, each with its own buttons, and one approves all that may be approved together', () => {
    const message = requestMessage(three());
    assertTaken(message);
    const each = ['Approve', 'Reject', 'Edit', 'Exact input'];
    assert.deepEqual(labelsOf(message), [
      ...[...each, ...each, ...each],
      'Approve all 2',
      'Always allow add_todo of todo in this run',
    ]);
    assert.match(markupOf(message), /^\*3 actions to approve\*/m);
    assert.deepEqual(
      read(message).map((text) => text.split('Described by the agent')[0]),
      [
        `1. ${SENTENCE}`,
        '2. Remove “Old”\n⚠️ This may delete, send, pay or publish. Check it carefully.',
        '3. Add “Book a room”',
      ],
    );
    const all = buttonElements(message).find(({ text }) => text.text === 'Approve all 2');
    assert.deepEqual(
      decodeButton(all?.value)?.items.map(({ id }) => id),
      ['1', '3'],
    );
    assert.match(markupOf(message), /“Approve all” leaves out what is marked/);
  });

  it('are never allowed from now on by two buttons with the same words, and all of their words are shown', () => {
    const rule = (limit: string) => ({ match: 'pay__*', rule: 'ask' as const, where: { amount: [limit] } });
    const charge = (limit: string) => {
      const call = toolCall({ name: 'shop__order', input: { amount: 2_500 } });
      return { own: { subject: { kind: 'tool-call' as const, call, rule: rule(limit) } } };
    };
    const always = (message: MessageWithAttachments) =>
      buttonElements(message).filter(({ text }) => text.text.startsWith('Always allow'));
    const labelsOf = (calls: Parameters<typeof several>[0]) =>
      always(requestMessage(several(calls))).map(({ text }) => text.text);
    assert.deepEqual(labelsOf([add(), add({ name: 'work__add_todo' })]), [
      'Always allow add_todo of todo in this run',
      'Always allow add_todo of work in this run',
    ]);
    assert.deepEqual(labelsOf([charge('> 1000'), charge('> 2000')]), [
      'Always allow order of shop like action 1',
      'Always allow order of shop like action 2',
    ]);
    const long = (last: string) => add({ name: `${'s'.repeat(25)}__${'n'.repeat(30)}${last}` });
    const texts = labelsOf([long('a'), long('b')]);
    assert.equal(new Set(texts).size, 2);
    const where = { ['p'.repeat(100)]: ['> 1'] };
    const own = {
      subject: { kind: 'tool-call' as const, call: toolCall(long('c')), rule: { ...rule(''), where } },
    };
    const [{ text, confirm } = {}] = always(one(own));
    assert.match(text?.text ?? '', / in this run$/);
    assert.match(confirm?.text.text ?? '', /unless somebody edited them\.$/);
  });

  it('show as much of each after a vote about one as before: an update posts no file', () => {
    const policy = policyWith({ approvers: ['UANA', 'UBEN', 'UCHLOE'], approvals: 2 });
    for (const chars of [350, 690, 9_000]) {
      const asked = several(
        Array.from({ length: 5 }, () => add({ input: { body: 'b'.repeat(chars) }, own: { policy } })),
      );
      const { items = [] } = asked;
      const voted = items.map((item, at) => (at === 0 ? { ...item, votes: [decision({ by: ben })] } : item));
      const [before, after] = [requestMessage(asked), requestMessage({ ...asked, items: voted })];
      assertTaken(after);
      assert.match(markupOf(after), /1 of 2 approvals, so far <@UBEN>/);
      assert.deepEqual(read(after), read(before));
      assert.deepEqual(labelsOf(after), labelsOf(before));
      assert.equal(before.attachments.length, chars < 400 ? 0 : 5);
    }
  });

  it('have another field for the note once one is decided: Slack keeps a typed text by the field’s id', () => {
    const fieldOf = (message: RequestMessage) =>
      requestMessage(message).blocks.flatMap((block) => (block.type === 'input' ? [block.block_id] : []))[0];
    const [first, ...others] = three().items ?? [];
    assert.ok(first);
    const decided = { ...first, outcome: verdict({ kind: 'reject', note: 'wrong customer' }) };
    const voted = { ...first, votes: [decision({ by: ben })] };
    assert.notEqual(fieldOf({ ...three(), items: [decided, ...others] }), fieldOf(three()));
    assert.equal(fieldOf({ ...three(), items: [voted, ...others] }), fieldOf(three()), 'others go on typing');
  });

  it('what may do harm is red to reject alone, and never allowed from now on', () => {
    const message = one({ alone: true }, { name: 'mail__send_email' });
    assert.deepEqual(labelsOf(message), ['Approve', 'Reject', 'Edit', 'Exact input']);
    assert.deepEqual(
      buttonElements(message).map(({ style }) => style),
      [undefined, 'danger', undefined, undefined],
    );
  });

  it('say once who decides until when, and each for itself where that differs', () => {
    const both = several([add(), add()]);
    assert.equal(markupOf(requestMessage(both)).match(/Waiting for/g)?.length, 1);
    const policy = policyWith({ approvers: ['UBEN'] });
    const mixed = markupOf(requestMessage(several([add(), add({ own: { policy } })])));
    assert.match(mixed, /Waiting for <@UANA>[\s\S]*Waiting for <@UBEN>/);
  });

  it('fold to a line one by one, while the others wait', () => {
    const [first, second, third] = three().items ?? [];
    assert.ok(first && second && third);
    const decided = { ...first, outcome: verdict({}, [decision({ by: ben })]) };
    const message = requestMessage({ ...three(), item: decided, items: [decided, second, third] });
    assert.match(markupOf(message), /^\*2 of 3 actions to approve\*/m);
    assert.equal(read(message)[0], `1. ${SENTENCE}\ntitle: Buy stickers`);
    assert.match(markupOf(message), /Approved by <@UBEN>/);
    assert.equal(labelsOf(message).filter((label) => label === 'Approve').length, 2);
    assert.ok(
      !labelsOf(message).some((label) => label.startsWith('Approve all')),
      'one is left that may be in it',
    );
  });

  it('are not approved together where a value is cut: that one is a file, and decided about on its own', () => {
    const long = { title: 'x y '.repeat(5_000), last: 'the end' };
    const message = requestMessage(several([add(), add(), add({ input: long })]));
    assertTaken(message);
    assert.ok(labelsOf(message).includes('Approve all 2'));
    const [attachment, ...others] = message.attachments;
    assert.equal(others.length, 0);
    assert.deepEqual(JSON.parse(attachment?.text ?? ''), long);
    assert.ok(read(message)[2]?.includes(`⚠️ Cut here: 2 fields of 2 not shown in full. `));
    assert.ok(read(message)[2]?.includes(attachment?.name ?? '?'));
  });

  it('never look like further fields: a value of several lines stands in a box', () => {
    const message = one({}, add({ input: { body: 'Hi\n• to: everybody', to: 'Ana' } }));
    assert.match(
      drawnText(message),
      /"rich_text_preformatted","elements":\[\{"type":"text","text":"Hi\\n• to: everybody"/,
    );
  });

  it('say what kind a value has where a text could be taken for it', () => {
    const [text = ''] = read(
      one({}, add({ input: { a: '12', b: 12, c: 'true', d: null, e: [1], f: ' x' } })),
    );
    assert.ok(text.includes('a: "12"b: 12c: "true"d: nulle: [1]f: " x"'), text);
  });

  it('show what doesn’t show, so that what is read is what is called', () => {
    const input = { path: 'notes\u202emd.exe', tag: 'a\u{e0041}b\u200b\u2028c\u00ad', emoji: 'ok 🙂' };
    const text = argumentsText(input);
    assert.ok(!/[\u202e\u200b\u2028\u00ad]|\u{e0041}/u.test(text));
    assert.ok(text.includes('notes\\u202emd.exe') && text.includes('🙂'));
    assert.deepEqual(JSON.parse(text), input, 'and is still the same');
    assert.ok(!/[\u202e\u200b\u2028\u00ad]|\u{e0041}/u.test(drawnText(one({}, { input }))));
  });

  it('are harmless whatever the model writes into them', () => {
    const call = toolCall({
      name: `evil__<!channel>\`*${HOSTILE}`,
      input: { text: HOSTILE, [HOSTILE]: HOSTILE },
      sentence: HOSTILE,
      reason: HOSTILE,
      edited: { by: [ana], from: { [HOSTILE]: HOSTILE, text: 'x' } },
    });
    const subject = { kind: 'tool-call', call, stepTitle: HOSTILE } as const;
    for (const outcome of outcomes) {
      const own = { subject, ...(outcome && { outcome }) };
      for (const message of [one(own), requestMessage(several([{ own }, { own }]))]) {
        assertTaken(message);
        assertHarmless(message);
      }
    }
    assertHarmless({ text: '', blocks: exactInputModal(call).blocks as KnownBlock[] });
  });

  it('are taken whatever is in them, and keep rich text where it was when they are decided', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 6_000 });
    const callOf = fc.record({
      name: fc.string({ minLength: 1, maxLength: 200 }),
      input: fc.dictionary(text, fc.oneof(fc.jsonValue(), text), { maxKeys: 5 }),
      sentence: fc.option(fc.string({ unit: 'grapheme', maxLength: 200 }), { nil: undefined }),
      from: fc.option(fc.dictionary(text, text, { maxKeys: 40 }), { nil: undefined }),
      reason: text,
      stepTitle: text,
      note: fc.string({ unit: 'grapheme', maxLength: 3_000 }),
      outcome: fc.nat({ max: outcomes.length - 1 }),
    });
    fc.assert(
      fc.property(fc.array(callOf, { minLength: 1, maxLength: 5 }), (calls) => {
        const votesOf = (note: string) => [decision({ note }), decision({ note, by: ben })];
        const policy = policyWith({ approvals: 3 });
        const messageOf = (isDecided: boolean) =>
          requestMessage(
            several(
              calls.map(({ stepTitle, note, outcome: index, sentence, from, ...call }) => {
                const chosen = outcomes[index];
                const outcome = chosen?.kind === 'approve' ? verdict({}, votesOf(note)) : chosen;
                const words = {
                  ...(sentence !== undefined && { sentence }),
                  ...(from && { edited: { by: [ana], from } }),
                };
                const subject = {
                  kind: 'tool-call',
                  call: toolCall({ ...call, ...words }),
                  stepTitle,
                } as const;
                const ended = isDecided && outcome && { outcome };
                return { own: { subject, policy, votes: votesOf(note), ...ended } };
              }),
            ),
          );
        const [before, after] = [messageOf(false), messageOf(true)];
        assertTaken(before);
        assertTaken(after);
        assert.ok(!losesRichText(before.blocks, after.blocks));
      }),
      { numRuns: 60 },
    );
  });

  it('fit into a message five at a time, with all that each may hold', () => {
    const full = {
      sentence: 's'.repeat(200),
      reason: 'r'.repeat(5_000),
      input: { body: 'word '.repeat(5_000), more: 'x'.repeat(300) },
      name: `todo__send_${'n'.repeat(50)}`,
    };
    const approvers = Array.from({ length: 30 }, (_, index) => `U000000${index}`);
    const own = { policy: policyWith({ approvers }), votes: [decision({ note: 'n'.repeat(1_000) })] };
    const other = { ...own, policy: policyWith({ approvers: [...approvers, 'UBEN'] }) };
    for (const last of [own, other]) {
      const calls = [...Array.from({ length: 4 }, () => ({ ...full, own })), { ...full, own: last }];
      assertTaken(requestMessage(several(calls)));
    }
  });
});

describe('the exact input of an action', () => {
  it('is its JSON to the letter, with all of the agent’s words and the digest', () => {
    const call = toolCall({ sentence: SENTENCE, reason: 'r'.repeat(900), input: { a: { b: ['x\u200b'] } } });
    const view = exactInputModal(call);
    assert.deepEqual(viewProblems(view, 'modal'), []);
    const shown = JSON.stringify(view.blocks);
    assert.ok(shown.includes(JSON.stringify(argumentsText(call.input)).slice(1, -1)));
    for (const part of [SENTENCE, call.reason ?? '?', call.digest]) assert.ok(shown.includes(part));
  });

  it('is taken by Slack however long it is, and says where all of it is', () => {
    const view = exactInputModal(
      toolCall({ input: { text: 'x\n'.repeat(200_000) }, reason: 'r'.repeat(50_000) }),
    );
    assert.deepEqual(viewProblems(view, 'modal'), []);
    assert.match(JSON.stringify(view.blocks), /Cut here: 60,000 of [\d,]+ characters/);
  });
});
