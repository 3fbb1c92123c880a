import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startSimulatedModel } from '../../sandbox/model/index.js';
import { createModel } from '../../src/llm/index.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { createWorld } from '../support/run/world.js';
import { policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';

quietRuntime();

const CALLS = 300;
/** An answer of 50 KB. */
const LONG = 'one more line of what there is to read\n'.repeat(1_280);

describe('a run that reads 15 MB, on a model with 200,000 tokens', () => {
  const dev = devServerForTests({ withLedger: true });
  const inRun = testRunsAt(dev);

  it('ends with a real result after 300 calls, each made once; no turn is sent more than 2 MB', async () => {
    const simulated = await startSimulatedModel({ contextTokens: 200_000 });
    try {
      const world = createWorld();
      world.tools.push({
        name: 'read',
        description: '',
        inputSchema: { type: 'object' },
        readOnly: true,
      });
      world.answers.set('read', async () => ({ content: [{ type: 'text', text: LONG }], isError: false }));
      const { apiKey, url: baseURL } = simulated;
      const { takeTurn } = createModel({ apiKey, baseURL, model: 'claude-haiku-4-5' });
      let largest = 0;
      world.model.takeTurn = async (input, signal) => {
        largest = Math.max(largest, JSON.stringify(input.exchanges).length);
        return await takeTurn(input, signal);
      };
      const budget = { turns: 400, toolCalls: 400, tokens: 1e9, costUsd: 1e6, timeMs: 1e9 };
      const goal = `Read all there is, one by one ${CALLS}`;
      await inRun(
        { policy: policyWith({ budget }), shortId: 'long2345', goal },
        async ({ click, shortId }) => {
          await click('approve');
          const end = await dev.client.workflow.getHandle(`agent-${shortId}`).result();
          assert.match(end.state === 'completed' ? end.result : end.state, /300 calls were made/);
          assert.equal(world.toolCalls.length, CALLS);
          assert.ok(largest < 2_000_000, `${largest} bytes`);
        },
        { world },
      );
    } finally {
      await simulated.stop();
    }
  });
});
