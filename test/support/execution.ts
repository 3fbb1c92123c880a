import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../src/activities/index.js';
import type { Decision } from '../../src/approval/judge.js';
import type { Person } from '../../src/approval/person.js';
import type { RunInput, RunOutcome } from '../../src/run/run.js';
import type { ProgressCard, QuestionCard, ThreadMessage, ToolCard } from '../../src/run/thread.js';
import { humanAnswer, humanApprove, WORKFLOW_TYPE } from '../../src/workflows/messages.js';
import { ana, runInput } from './samples.js';
import { decisionOn, waitingCard } from './votes.js';
import { withWorkers } from './workers.js';
import type { World } from './world.js';

/** A run whose plan is approved, and what people do in its thread. */
export interface Executing {
  world: World;
  handle: WorkflowHandle;
  outcome(): Promise<RunOutcome>;
  /** The card of a tool call as it is now, once there is one; `title` tells several calls of a tool apart. */
  asked(tool: string, title?: string): Promise<ToolCard>;
  question(what: QuestionCard['asked']['what']): Promise<QuestionCard>;
  decide(card: ToolCard, kind: Decision['kind'], by?: Person, own?: Partial<Decision>): Promise<void>;
  answer(card: QuestionCard, said: { option?: number; text?: string }, by?: Person): Promise<void>;
  progress(): ProgressCard | undefined;
}

/** Starts a run against a world, with a worker that lives as long as the test, and approves its plan. */
export async function whileExecuting(
  where: { client: Client; connection: NativeConnection },
  world: World,
  own: Partial<RunInput>,
  test: (run: Executing) => Promise<void>,
  approvers: Person[] = [ana],
): Promise<void> {
  const taskQueue = randomUUID();
  const activities = createActivities(world);
  await withWorkers({ connection: where.connection, taskQueue, activities }, async () => {
    const handle = await where.client.workflow.start(WORKFLOW_TYPE, {
      workflowId: randomUUID(),
      taskQueue,
      args: [runInput(own)],
      workflowTaskTimeout: '3 seconds',
    });
    for (const by of approvers) {
      await handle.signal(humanApprove, decisionOn(await waitingCard(world), 'approve', by));
    }
    await test(steps(world, handle));
  });
}

export function steps(world: World, handle: WorkflowHandle): Executing {
  const newest = () => world.thread().map(({ states }) => states.at(-1) as ThreadMessage);
  return {
    world,
    handle,
    outcome: () => handle.result() as Promise<RunOutcome>,
    asked: (tool, title) =>
      world.waitFor(
        () =>
          newest().find(
            (message): message is ToolCard =>
              message.kind === 'tool-call' &&
              message.call.name === tool &&
              (title === undefined || message.call.input.title === title),
          ),
        `a card that asks about ${tool}`,
      ),
    question: (what) =>
      world.waitFor(
        () =>
          newest().findLast(
            (message): message is QuestionCard =>
              message.kind === 'question' && message.asked.what === what && message.state.kind === 'waiting',
          ),
        `a question: ${what}`,
      ),
    async decide({ requestId: request, revision, call }, kind, by = ana, more = {}) {
      const at = new Date().toISOString();
      await handle.signal(humanApprove, {
        kind,
        request,
        revision,
        digest: call.digest,
        by,
        note: '',
        at,
        ...more,
      });
    },
    async answer({ questionId: question }, { option, text = '' }, by = ana) {
      const at = new Date().toISOString();
      await handle.signal(humanAnswer, { question, by, text, at, ...(option !== undefined && { option }) });
    },
    progress: () => newest().findLast((message): message is ProgressCard => message.kind === 'progress'),
  };
}
