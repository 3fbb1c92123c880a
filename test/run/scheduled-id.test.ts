import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shortIdIn, workflowIdOf } from '../../src/run/summary.js';

const FIRST = Date.UTC(2026, 0, 1);
const dueAt = (seconds: number) => new Date(FIRST + seconds * 1_000).toISOString().replace('.000Z', 'Z');

describe('the id of a schedule’s run', () => {
  it('is short for people, and leads back to the run in Temporal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 32 ** 6 - 1 }), (seconds) => {
        const workflowId = `agent-abcd2345-${dueAt(seconds)}`;
        const shortId = shortIdIn(workflowId);
        assert.match(shortId, /^abcd2345-[a-z2-9]{6}$/);
        assert.equal(workflowIdOf(shortId), workflowId);
      }),
    );
  });

  it('leaves every other id as it is', () => {
    for (const id of [
      'abcd2345',
      'typed234',
      'abcd2345-2019-01-01T00:00:00Z',
      'abcd2345-2026-11-27',
      's-2026-11-24T09:00:00Z',
    ]) {
      assert.equal(shortIdIn(`agent-${id}`), id);
      assert.equal(workflowIdOf(id), `agent-${id}`);
    }
  });
});
