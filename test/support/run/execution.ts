import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../../src/activities/index.js';
import type { Decision } from '../../../src/approval/decision.js';
import type { Person } from '../../../src/approval/person.js';
import type { ProgressCard } from '../../../src/run/execution/progress.js';
import type { RunInput } from '../../../src/run/input.js';
import type { ThreadMessage } from '../../../src/run/message.js';
import type { RequestMessage, Subject } from '../../../src/run/request.js';
import type { RunOutcome } from '../../../src/run/state.js';
import { humanAnswer, humanApprove, WORKFLOW_TYPE } from '../../../src/workflows/runtime/signals.js';
import { ana, runInput } from '../samples.js';
import { withWorkers } from '../temporal/workers.js';
import { decisionOn, waitingCard } from './votes.js';
import type { World } from './world.js';

/** A run whose plan is approved, and what people do in its thread. */
export interface Executing {
  world: World;
  handle: WorkflowHandle;
  outcome(): Promise<RunOutcome>;
  /** The message of a tool call as it is now, once there is one; `title` tells several calls of a tool apart. */
  toolCall(tool: string, title?: string): Promise<RequestMessage>;
  /** The message of a question that waits. */
  question(kind: Subject['kind']): Promise<RequestMessage>;
  decide(
    message: RequestMessage,
    kind: Decision['kind'],
    by?: Person,
    own?: Partial<Decision>,
  ): Promise<void>;
  answer(message: RequestMessage, answer: { choice?: string; note?: string }, by?: Person): Promise<void>;
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
    toolCall: (tool, title) =>
      world.waitFor(
        () =>
          newest()
            .filter(isRequest)
            .find(
              ({ item: { subject } }) =>
                subject.kind === 'tool-call' &&
                subject.call.name === tool &&
                (title === undefined || subject.call.input.title === title),
            ),
        `a message that asks about ${tool}`,
      ),
    question: (kind) =>
      world.waitFor(
        () =>
          newest()
            .filter(isRequest)
            .findLast(({ item }) => item.subject.kind === kind && !item.outcome),
        `a question: ${kind}`,
      ),
    async decide(message, kind, by = ana, own = {}) {
      await handle.signal(humanApprove, { ...decisionAbout(message, kind, by), ...own });
    },
    async answer(message, answer, by = ana) {
      await handle.signal(humanAnswer, { ...decisionAbout(message, 'answer', by), ...answer });
    },
    progress: () => newest().findLast((message): message is ProgressCard => message.kind === 'progress'),
  };
}

function isRequest(message: ThreadMessage): message is RequestMessage {
  return message.kind === 'request';
}

function decisionAbout(
  { request, revision, item }: RequestMessage,
  kind: Decision['kind'],
  by: Person,
): Decision {
  const items = [{ id: item.id, digest: item.digest }];
  return { kind, request, revision, items, by, note: '', at: new Date().toISOString() };
}
