import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startSimulatedModel } from '../../sandbox/model/index.js';
import { createModel } from '../../src/llm/index.js';
import type { ToolSpec } from '../../src/run/execution/tools.js';
import { FETCH_URL, TODO_TOOLS, tool } from '../support/llm/turns.js';
import { afterApproval, testRunsAt } from '../support/run/test-runs.js';
import { createWorld } from '../support/run/world.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

describe('a run with more tools than are shown', () => {
  const inRun = testRunsAt(timeSkippingForTests());
  const others = Array.from({ length: 50 }, (_, index) => tool(`gitlab__pipeline_${index}`));

  for (const hasToolSearch of [true, false]) {
    const by = hasToolSearch ? 'the API’s search' : 'find_tools';
    it(`finds its tools by ${by}, and still asks before a change`, async () => {
      const simulated = await startSimulatedModel({ hasToolSearch });
      const model = createModel({
        apiKey: simulated.apiKey,
        baseURL: simulated.url,
        model: 'claude-sonnet-5-5',
      });
      const world = { ...createWorld(), model };
      world.tools.push(...[...others, ...TODO_TOOLS, FETCH_URL].map(withoutMetadata));
      world.answers.set('todo__list_todos', async () => ({
        content: [{ type: 'text', text: '1. [ ] Renew the domain' }],
        isError: false,
      }));
      const test = afterApproval(async ({ toolCall, decide, outcome }) => {
        const card = await toolCall('todo__add_todo');
        assert.deepEqual(
          world.toolCalls.map(({ name }) => name),
          ['todo__list_todos'],
          'the change waits',
        );
        await decide(card, 'approve');
        assert.equal((await outcome()).state, 'completed');
      });
      try {
        await inRun({ goal: 'Add "Buy milk" to our to-do list' }, test, { world });
      } finally {
        await simulated.stop();
      }
      assert.deepEqual(world.toolCalls, [
        { name: 'todo__list_todos', input: {} },
        { name: 'todo__add_todo', input: { title: 'Buy milk' } },
      ]);
      const { toolCalls } = world.reports[0]?.usage ?? {};
      assert.equal(toolCalls, 2, 'a search for tools is no call of a tool');
    });
  }
});

/** A tool as its server has it. */
function withoutMetadata(spec: ToolSpec): ToolSpec {
  const { plan_step: _, reason: __, ...properties } = spec.inputSchema.properties as Record<string, unknown>;
  return { ...spec, inputSchema: { ...spec.inputSchema, properties } };
}

describe('a tool that the model’s API refuses', () => {
  const inRun = testRunsAt(timeSkippingForTests());

  it('is named under the result and on record, and offered no more', async () => {
    const world = createWorld();
    const bad = tool('odd__bad');
    world.tools.push(bad, ...TODO_TOOLS);
    const reason = "the model's API refuses it: tools.0.custom.input_schema: JSON schema is invalid.";
    const look = { id: 'toolu_1', name: 'todo__list_todos', input: {} };
    world.turns.push(
      { own: { refusedTools: [{ name: bad.name, reason }] }, calls: [look] },
      { text: 'Looked.' },
    );
    const test = afterApproval(async ({ outcome }) => {
      assert.equal((await outcome()).state, 'completed');
    });
    await inRun({}, test, { world });
    assert.deepEqual(world.reports[0]?.refusedTools, [bad.name]);
    const [first, second] = world.entries.filter(({ kind }) => kind === 'turned').map(({ data }) => data);
    assert.deepEqual((first as { refusedTools?: string[] }).refusedTools, [bad.name]);
    assert.ok(!('refusedTools' in (second ?? {})));
    assert.ok(!world.asked.at(-1)?.tools.includes(bad.name));
  });
});
