import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Todos, todoFolder } from '../support/mcp/todos.js';
import { type Stack, startStack } from '../support/product/stack.js';
import { type CarriedOut, inThread, resultOf } from '../support/slack/execution.js';
import { cardOf, startWaitingRun } from '../support/slack/people.js';

describe('five runs at work, while Slack limits each third update', () => {
  let stack: Stack;
  let todos: Todos;
  before(async () => {
    todos = todoFolder({ delayMs: 2_000 });
    const policy = join(todos.folder, 'policy.yml');
    writeFileSync(policy, 'default: {}\ntools:\n  - { match: "todo__*", rule: allow }\n');
    stack = await startStack({ env: { MCP_CONFIG: todos.config, POLICY_FILE: policy } });
  });
  after(async () => {
    await stack.stop();
    todos.remove();
  });

  it('show a decision on its card before their own progress, and all of them end', async () => {
    const { workspace } = stack;
    const { people, channels } = workspace;
    const waiting = await startWaitingRun(workspace, people.ana, channels.general, 'Draft the release notes');
    const runs: CarriedOut[] = [];
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      const goal = `Add "${name} a", "${name} b" and "${name} c" to our to-do list`;
      runs.push(await startWaitingRun(workspace, people.ana, channels.general, goal));
    }
    for (const { card } of runs) await workspace.as(people.ana).click(card, 'Approve');
    await Promise.all(runs.map(({ card }) => inThread(workspace, card, /Working/)));
    workspace.faults.inject({ kind: 'ratelimited', method: 'chat.update', every: 3, times: 0 });
    const clicked = Date.now();
    await workspace.as(people.ana).click(waiting.card, 'Approve');
    await cardOf(workspace, channels.general, waiting.shortId, /^(Working|Done)/);
    const tookMs = Date.now() - clicked;
    // Progress alone would keep Slack's limit busy for many times as long; a busy machine needs some of it.
    assert.ok(tookMs < 6_000, `the decision showed after ${tookMs} ms`);
    for (const run of runs) {
      await resultOf(workspace, run);
      await inThread(workspace, run.card, /^:white_check_mark: Done: /);
    }
  });
});
