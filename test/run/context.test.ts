import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countClearable, editExchanges } from '../../src/run/execution/context.js';
import { type Exchange, resultBlock, textBlock } from '../../src/run/execution/conversation.js';
import { finalText, unfinishedText } from '../../src/run/execution/final-text.js';

const thinking = { type: 'thinking', thinking: 'Hm', signature: 's' };
const use = (id: string) => ({ type: 'tool_use', id, name: 'read', input: {} });
const LONG = 'x'.repeat(1_000);

/** Three rounds of a call each; the second answer is short. */
const rounds: Exchange[] = ['a', 'b', 'c'].flatMap((id): Exchange[] => [
  { role: 'assistant', content: [thinking, use(id)] },
  { role: 'user', content: [resultBlock(id, [textBlock(id === 'b' ? 'Noted.' : LONG)], id === 'c')] },
]);

describe('a conversation that is kept short', () => {
  it('loses its oldest long results, and the thinking that is bound to them; calls and short results stay', () => {
    const before = JSON.stringify(rounds);
    const edited = editExchanges(rounds, { cleared: 3 });
    assert.equal(JSON.stringify(rounds), before, 'the conversation itself is not changed');
    assert.doesNotMatch(JSON.stringify(edited), /thinking|x{200}/);
    const [a, b, c] = edited.filter(({ role }) => role === 'user').map(({ content }) => content[0]);
    assert.match(JSON.stringify(a), /"tool_use_id":"a".*was cleared/);
    assert.match(JSON.stringify(b), /Noted\./);
    assert.equal(c?.is_error, true, 'a failure stays one');
    assert.deepEqual(editExchanges(edited, { cleared: 3 }), edited, 'twice is once');
    assert.equal(editExchanges(rounds, {}), rounds);
  });

  it('still says that a call was rejected: its answer keeps its beginning', () => {
    const words = `People rejected this call, so it was not made. Their reason: “${LONG}”. Go on without it.`;
    const rejected: Exchange = { role: 'user', content: [resultBlock('a', [textBlock(words)], true)] };
    const edited = JSON.stringify(editExchanges([rejected], { cleared: 1 }));
    assert.match(edited, /People rejected this call, so it was not made/);
    assert.doesNotMatch(edited, /The call itself was made|x{200}/);
  });

  it('counts what must go from the oldest result on', () => {
    assert.equal(countClearable(rounds, 10_000), 0);
    assert.equal(countClearable(rounds, 1_500), 1);
    assert.equal(countClearable(rounds, 0), 3);
    assert.equal(countClearable(editExchanges(rounds, { cleared: 3 }), 0), 0);
    assert.equal(countClearable([], 0), 0);
  });

  it('loses code whose result will never come, and keeps code that has one', () => {
    const code = (id: string) => ({ type: 'server_tool_use', id, name: 'code_execution', input: {} });
    const result = { type: 'code_execution_tool_result', tool_use_id: 's1', content: {} };
    const content = [thinking, code('s1'), result, code('s2'), use('a')];
    const [edited] = editExchanges([{ role: 'assistant', content }], { isCodeLost: true });
    assert.deepEqual(edited?.content, [code('s1'), result, use('a')]);
  });
});

describe('the result of an execution', () => {
  const step = { title: 'Read', status: 'done' as const, calls: [], note: '' };
  const steps = [step, { ...step, title: 'Write', status: 'failed' as const, note: 'No room' }];

  it('is the model’s last words; without any it says what was done', () => {
    assert.equal(finalText({ text: 'Read it.', steps, done: [] }), 'Read it.');
    const silent = finalText({ text: ' ', steps, done: ['add: done'] });
    assert.match(
      silent,
      /wrote no result\.[\s\S]*1\. Read: done\n2\. Write: failed \(No room\)[\s\S]*- add: done$/,
    );
  });

  it('that could not go on always says what was done', () => {
    const done = Array.from({ length: 60 }, (_, at) => `call ${at}: done`);
    const report = unfinishedText({ text: 'So far', steps, done, notes: ['It was long.'] }, 'It ended.');
    assert.match(report, /^So far\n\n\*It ended\.\*\n\n### What I did/);
    assert.match(report, /- 10 earlier ones\n- call 10: done[\s\S]*- call 59: done\n\n\*It was long\.\*$/);
  });
});
