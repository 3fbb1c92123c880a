import type { Client } from '@temporalio/client';
import type { Message } from '../../src/sandbox/workspace/index.js';
import { WORKFLOW_TYPE } from '../../src/workflows/messages.js';
import { buttonsOf } from '../../test/support/people.js';
import type { Scene } from '../../test/support/scene.js';

interface Run {
  runId: string;
  status: string;
}

/** Every run that Temporal's server knows, by its latest execution. */
export async function listRuns(client: Client): Promise<Run[]> {
  const runs = new Map<string, Run>();
  for await (const { workflowId, status } of client.workflow.list({
    query: `WorkflowType = '${WORKFLOW_TYPE}'`,
  })) {
    const runId = workflowId.replace(/^agent-/, '');
    // Listed newest first.
    if (!runs.has(runId)) runs.set(runId, { runId, status: status.name });
  }
  return [...runs.values()];
}

/** What must hold for every run, whatever went wrong; a line for each that doesn't. */
export async function violations(
  { workspace, model }: Scene,
  client: Client,
  goals: number,
): Promise<string[]> {
  const found: string[] = [];
  const runs = await listRuns(client);
  if (runs.length < goals) found.push(`${goals} goals were taken, but there are ${runs.length} runs`);
  const messages = workspace.messages(workspace.channels.general);
  for (const { runId, status } of runs) {
    const own = messages.filter((message) => keyOf(message)?.startsWith(`${runId}/`));
    for (const [key, times] of count(own.map((message) => keyOf(message) ?? ''))) {
      if (times > 1) found.push(`${runId}: posted ${times} times: ${key}`);
    }
    if (status === 'RUNNING') found.push(`${runId}: is still running`);
    else {
      const live = own.filter((message) => buttonsOf(message).includes('Approve'));
      if (live.length > 0) found.push(`${runId}: is over (${status}), but its card has live buttons`);
    }
    found.push(...(await executionsOf(runId, own)));
  }
  return found;

  async function executionsOf(runId: string, own: Message[]): Promise<string[]> {
    const handle = client.workflow.getHandle(`agent-${runId}`);
    const { memo, status } = await handle.describe();
    const goal = String((memo as { goal?: string } | undefined)?.goal);
    const executed = model.requests.filter(({ body }) => {
      const prompt = String(body.messages?.[0]?.content);
      return prompt.startsWith('Execute:') && prompt.includes(`The goal was: ${goal}`);
    }).length;
    const results = own.filter((message) => /\/result\/1$/.test(keyOf(message) ?? '')).length;
    if (status.name !== 'COMPLETED') return [];
    const outcome = (await handle.result()) as { state: string };
    const same =
      runs.filter(({ runId: other }) => other !== runId).length > 0 && (await hasTwin(goal, runId));
    const lines: string[] = [];
    if (outcome.state === 'completed' && results !== 1) lines.push(`${runId}: ${results} results`);
    if (outcome.state !== 'completed' && results > 0) lines.push(`${runId}: ${outcome.state}, with a result`);
    if (outcome.state === 'completed' && executed === 0)
      lines.push(`${runId}: completed without an execution`);
    if (outcome.state !== 'completed' && executed > 0 && !same)
      lines.push(`${runId}: ${outcome.state}, but executed`);
    return lines;
  }

  /** A goal that was given again, because nobody could say whether it had been taken, may have two runs. */
  async function hasTwin(goal: string, runId: string): Promise<boolean> {
    for (const other of runs) {
      if (other.runId === runId) continue;
      const { memo } = await client.workflow.getHandle(`agent-${other.runId}`).describe();
      if (String((memo as { goal?: string } | undefined)?.goal) === goal) return true;
    }
    return false;
  }
}

function keyOf(message: Message): string | undefined {
  const { metadata } = message as { metadata?: { event_payload: { key?: unknown } } };
  const key = metadata?.event_payload.key;
  return typeof key === 'string' ? key : undefined;
}

function count(keys: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
