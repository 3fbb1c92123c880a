import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { PayloadStore } from '../../src/temporal/payloads/storage.js';
import { afterApproval, testRunsAt } from '../support/run/test-runs.js';
import { createWorld } from '../support/run/world.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';

quietRuntime();

/** Longer than the silence after which a call that may change something is given up. */
const STORED_AFTER_MS = 12_000;

/** A store that takes long over the first large answer. */
function slowStore(): PayloadStore {
  const kept = new Map<string, Awaited<ReturnType<PayloadStore['readPayload']>>>();
  let isSlow = true;
  return {
    async keepPayload({ run, id, metadata, parts }) {
      if (isSlow) {
        isSlow = false;
        await delay(STORED_AFTER_MS);
      }
      kept.set(`${run}/${id}`, { metadata, data: Buffer.concat(parts.map(({ data }) => data)) });
    },
    readPayload: async (run, id) => kept.get(`${run}/${id}`),
  };
}

describe('a call that changed something, and whose answer is lost after its end', () => {
  const dev = devServerForTests();
  const inRun = testRunsAt({
    get client() {
      return dev.client;
    },
    get connection() {
      return dev.connection;
    },
    get namespace() {
      return dev.namespace;
    },
    payloads: { store: slowStore() },
    beforeClose: dev.beforeClose,
  });

  it('is known to have been made: nobody is asked, and the model reads how its answer began', async () => {
    const world = createWorld();
    world.tools.push({ name: 'write', description: '', inputSchema: { type: 'object' }, readOnly: false });
    world.turns.push({ calls: [{ id: 'a', name: 'write', input: {} }] });
    let made = 0;
    world.answers.set('write', async () => {
      made += 1;
      // Longer than a heartbeat takes.
      await delay(2_500);
      return { content: [{ type: 'text', text: `Written.${' '.repeat(300_000)}` }], isError: false };
    });
    const test = afterApproval(async ({ toolCall, decide, outcome }) => {
      await decide(await toolCall('write'), 'approve');
      assert.equal((await outcome()).state, 'completed');
      assert.equal(made, 1);
      const asked = world.thread().flatMap(({ states: [first] }) => (first?.kind === 'request' ? first : []));
      const subjects = asked.map(({ item }) => item.subject.kind);
      assert.deepEqual(subjects, ['tool-call'], 'nobody is asked whether it happened');
      const answer = JSON.stringify(world.asked.at(-1)?.exchanges.at(-1));
      assert.match(answer, /The call was made, but the rest of its answer was lost.*Written\./);
      const called = world.entries.find(({ kind }) => kind === 'tool-called')?.data;
      assert.equal((called as { outcome: string }).outcome, 'done');
    });
    await inRun({}, test, { world });
  });
});
