import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wishOf } from '../../sandbox/model/goal.js';
import { readTodos } from '../../sandbox/model/todo-list.js';

describe('the local model', () => {
  it('reads a long text in a moment, whatever is in it', () => {
    const began = performance.now();
    const [todo] = readTodos(`1. water${' '.repeat(60_000)}plants`);
    assert.equal(todo?.id, '1');
    wishOf(`ask me which to choose: one${'.'.repeat(60_000)}x or two`);
    assert.ok(performance.now() - began < 500);
  });

  it('reads a to-do list line by line', () => {
    assert.deepEqual(readTodos('- [ ] 3. Water plants  \n- [x] #t4 Call Ben (for Ana)'), [
      { id: '3', title: 'Water plants', done: false },
      { id: 't4', title: 'Call Ben', done: true },
    ]);
  });
});
