import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { startSimulatedModel } from '../../sandbox/model/index.js';
import { createCallLlm } from '../../src/activities/call-llm.js';
import { createModel } from '../../src/llm/index.js';
import { startPatience } from '../../src/llm/request/patience.js';
import { RemoteError } from '../../src/platform/errors.js';

describe('an answer that takes longer than an attempt of its activity', () => {
  it('ends the attempt in words, so that it is not made and paid for five times', async () => {
    const simulated = await startSimulatedModel();
    try {
      const { apiKey, url: baseURL } = simulated;
      const callLlm = createCallLlm({
        model: createModel({ apiKey, baseURL, model: 'claude-sonnet-5-5' }),
        toolbox: { list: async () => [], leaveOut() {} },
        policyFor: () => undefined,
        sessions: { show: async () => {} },
      });
      simulated.faults.inject({ kind: 'slow', overMs: 20_000, times: 9 });
      const research = { summary: '', sources: [] };
      const request = { task: 'plan', goal: 'Draft it', research, channel: 'C1', rules: [] };
      const attempt = new MockActivityEnvironment({ startToCloseTimeoutMs: 2_000 });
      await assert.rejects(attempt.run(callLlm as never, request), (error) => {
        assert.ok(error instanceof ApplicationFailure, String(error));
        assert.deepEqual([error.type, error.nonRetryable], ['TooSlow', true]);
        assert.match(error.message, /not ready after 1 minutes?, though it went on/);
        return true;
      });
      assert.equal(simulated.requests.length, 1);
    } finally {
      await simulated.stop();
    }
  });

  it('is made again where nothing came any more', () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    try {
      const patience = startPatience(120_000, new AbortController());
      const { signal } = new AbortController();
      const tooSlow = AbortSignal.abort(new RemoteError('TooSlow', 'slow'));
      patience.hear();
      mock.timers.tick(10_000);
      assert.throws(() => patience.stop(tooSlow), { code: 'TooSlow', retryable: false });
      mock.timers.tick(50_000);
      assert.throws(() => patience.stop(tooSlow), { code: 'Interrupted', retryable: true });
      assert.throws(() => patience.stop(signal), /abort/i);
    } finally {
      mock.timers.reset();
    }
  });
});
