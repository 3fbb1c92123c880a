import type { Client } from '@temporalio/client';
import type { Message } from '../sandbox/workspace/index.js';
import { openScene } from '../test/support/product/scene.js';
import { buttonsOf, startWaitingRun } from '../test/support/slack/people.js';
import { type Bill, billOf } from './actions.js';

/** Time that an answer of the model takes, in milliseconds. The progress message changes with it. */
const LATENCY_MS = 1_500;

/** Counts the actions of a run with one call, which is allowed, and of one with another call, which a person approves. */
export async function billsOfToolCalls(): Promise<Record<'allowed' | 'asked', Bill>> {
  const scene = await openScene({ todos: { delayMs: 0 }, latencyMs: LATENCY_MS });
  const { workspace } = scene;
  const { general } = workspace.channels;
  const ana = workspace.as(workspace.people.ana);
  const { client, close } = await scene.connect();

  const replies = (card: Message) =>
    workspace.messages(general).filter(({ threadTs }) => threadTs === card.ts);

  async function run(goal: string, approvals: number): Promise<Bill> {
    const { card } = await startWaitingRun(workspace, workspace.people.ana, general, goal);
    const workflowId = await runningWorkflow(client);
    await ana.click(card, 'Approve');
    for (let given = 0; given < approvals; given += 1) {
      const request = await workspace.waitFor(
        () => replies(card).find((message) => buttonsOf(message).includes('Approve')),
        { what: 'a tool call that waits', timeoutMs: 20_000 },
      );
      await ana.click(request, 'Approve');
    }
    await client.workflow.getHandle(workflowId).result();
    return await billOf(client, workflowId);
  }

  const allowed = await run('Show what is on the to-do list', 0);
  const asked = await run('Add to the to-do list: buy milk', 1);
  await close();
  await scene.close();
  return { allowed, asked };
}

async function runningWorkflow(client: Client): Promise<string> {
  for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running'` })) {
    return workflowId;
  }
  throw new Error('No run is under way');
}
