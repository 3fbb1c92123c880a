import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { runActivity } from '../../src/activities/run-activity.js';
import { RemoteError } from '../../src/platform/errors.js';
import { callEnd, readBeat } from '../../src/run/execution/call-end.js';
import type { ToolResult } from '../../src/run/execution/tools.js';

/** Runs a call of a tool that takes so long. Returns the details of its heartbeats. */
async function beatsOf(tookMs: number, text = 'Added.'): Promise<unknown[]> {
  const env = new MockActivityEnvironment({ attempt: 2 });
  const beats: unknown[] = [];
  env.on('heartbeat', (details: unknown) => beats.push(details));
  const call = async (): Promise<ToolResult> => {
    await delay(tookMs);
    return { content: [{ type: 'text', text }], isError: false };
  };
  await env.run(() => runActivity(call, callEnd));
  return beats;
}

describe('heartbeats of a tool call', () => {
  it('tell in the end that it is over, and how its answer begins', async () => {
    const beats = await beatsOf(1_500, `${'x'.repeat(1_999)}😀`);
    assert.deepEqual(beats, [2, { attempt: 2, end: { isError: false, text: 'x'.repeat(1_999) } }]);
    assert.deepEqual(beats.map(readBeat), [{ attempt: 2 }, beats[1]]);
  });

  it('are none for a quick call, because each is billed', async () => {
    assert.deepEqual(await beatsOf(10), []);
  });

  it('left none where the worker died before the first one', () => {
    for (const nothing of [undefined, null, 0, 'x', {}]) assert.deepEqual(readBeat(nothing), { attempt: 1 });
  });
});

describe('a failure that others caused', () => {
  it('says which attempt it was, and how long the other side asks to wait', async () => {
    const away = new RemoteError('Overloaded', 'Overloaded', { retryable: true, retryAfterMs: 7_000 });
    const fail = () =>
      runActivity(async () => {
        throw away;
      });
    await assert.rejects(new MockActivityEnvironment({ attempt: 3 }).run(fail), (error) => {
      assert.ok(error instanceof ApplicationFailure);
      assert.deepEqual([error.type, error.details], ['Overloaded', [3, 7_000]]);
      return true;
    });
  });
});
