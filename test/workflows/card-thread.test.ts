import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResumePoint } from '../../src/run/input.js';
import { CardThread } from '../../src/workflows/messages/card-thread.js';
import { runInput } from '../support/samples.js';

const first = { channel: 'C1', ts: '1.0' };
const second = { channel: 'C1', ts: '2.0' };
const landed = { channel: 'C1', ts: '1.5' };

/** The thread of the next execution, which goes on with a card. */
function goOn(thread: CardThread, card: { channel: string; ts: string }, resume: ResumePoint = {}) {
  const next = new CardThread(runInput());
  const point = { ...resume, card, ...thread.placeOf(card) };
  next.takeOver(point);
  return { next, point };
}

describe('the thread of a card that is gone', () => {
  const lost = () => {
    const thread = new CardThread(runInput());
    assert.ok(thread.takeLanding(first, landed, first));
    return thread;
  };

  it('stays left in the next execution of the run', () => {
    const { next } = goOn(lost(), first);
    assert.deepEqual(next.under(first), landed);
  });

  it('is forgotten with its card: the next execution writes under the new one', () => {
    assert.deepEqual(lost().under(second), second);
    assert.deepEqual(goOn(lost(), second).next.under(second), second);
  });

  it('is forgotten also when the card is replaced in a later execution', () => {
    const { next, point } = goOn(lost(), first);
    assert.deepEqual(goOn(next, second, point).next.under(second), second);
  });
});
