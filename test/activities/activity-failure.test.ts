import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApplicationFailure, defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { toFailure } from '../../src/activities/activity-failure.js';
import { RemoteError } from '../../src/platform/errors.js';

const HUGE = `${'漢🙂 '.repeat(225_000)}\ud83d\0`;

/** An error whose causes are as long as itself. */
function nested(depth: number, message: string): Error {
  return new Error(message, depth > 0 ? { cause: nested(depth - 1, message) } : {});
}

const sizeOf = (error: unknown) =>
  JSON.stringify(defaultFailureConverter.errorToFailure(error, defaultPayloadConverter)).length;

describe('a failure of an activity', () => {
  const cases: [string, unknown][] = [
    ['of the model', new RemoteError('InvalidRequestError', HUGE, { cause: nested(9, HUGE) })],
    ['with a huge code', new RemoteError(HUGE, 'Refused')],
    ['of our own code', nested(9, HUGE)],
    ['that is no error', HUGE],
    ["whose message can't be changed", new DOMException(HUGE, 'TimeoutError')],
  ];
  for (const [name, error] of cases) {
    it(`is small enough for Temporal, and well-formed: ${name}`, () => {
      const failure = toFailure(error, 1);
      assert.ok(failure instanceof ApplicationFailure);
      assert.ok(failure.message.length > 0 && failure.message.length <= 2_000);
      assert.ok(failure.message.isWellFormed() && failure.type?.isWellFormed());
      assert.ok(sizeOf(failure) < 40_000, `${sizeOf(failure)} characters`);
    });
  }

  it('keeps its type, its traits and its reason', () => {
    const cause = new Error('socket closed');
    const traits = { retryable: true, retryAfterMs: 5, cause };
    const failure = toFailure(
      new RemoteError('overloaded_error', 'Overloaded', traits),
      2,
    ) as ApplicationFailure;
    assert.deepEqual(
      [failure.type, failure.message, failure.nonRetryable, failure.nextRetryDelay, failure.details],
      ['overloaded_error', 'Overloaded', false, 5, [2, 5]],
    );
    assert.match(String((failure.cause as Error).cause), /socket closed/);
    assert.equal((toFailure(new TypeError('no function'), 1) as ApplicationFailure).type, 'TypeError');
  });
});
