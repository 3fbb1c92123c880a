import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { timeLeft, withDeadline } from '../../src/platform/deadline.js';
import { NotConfirmed, withinDeadline } from '../../src/temporal/deadline.js';

describe('work with a deadline', () => {
  it('shares its time among all of its calls, and other work has its own', async () => {
    const work = async () => {
      assert.ok(timeLeft(50) === 50 && timeLeft(5_000) <= 200);
      await delay(100);
      return timeLeft(5_000);
    };
    const left = await withDeadline(200, work, assert.fail);
    assert.ok(Number(left) < 110, `${left} ms`);
    assert.equal(timeLeft(5_000), 5_000);
  });

  it('asks Temporal for nothing more once its person was told that it could not be confirmed', async () => {
    let asked = 0;
    const client = { withAbortSignal: (_: AbortSignal, work: () => unknown) => work() } as Client;
    let failure: unknown;
    const work = async () => {
      await delay(50);
      await withinDeadline(client, async () => {
        asked += 1;
      }).catch((error: unknown) => {
        failure = error;
      });
    };
    assert.equal(await withDeadline(20, work, () => 'told'), 'told');
    await delay(100);
    assert.ok(failure instanceof NotConfirmed);
    assert.equal(asked, 0);
  });
});
