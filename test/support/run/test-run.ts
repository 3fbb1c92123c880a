import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Client,
  WorkflowFailedError,
  type WorkflowHandle,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import type { Decision, SentDecision } from '../../../src/approval/decision.js';
import type { Person } from '../../../src/approval/person.js';
import type { Checkpoint } from '../../../src/run/event.js';
import type { ProgressCard } from '../../../src/run/execution/progress.js';
import type { ResumePoint, RunInput } from '../../../src/run/input.js';
import type { ThreadMessage } from '../../../src/run/message.js';
import type { RequestMessage, Subject } from '../../../src/run/request.js';
import type { RunFailure, RunOutcome } from '../../../src/run/state.js';
import { createRuns, type Runs } from '../../../src/temporal/runs.js';
import { startOptions } from '../../../src/temporal/start-options.js';
import {
  cancelRun,
  humanAnswer,
  humanApprove,
  status,
  WORKFLOW_TYPE,
} from '../../../src/workflows/runtime/signals.js';
import { ana, runInput } from '../samples.js';
import { decisionOn, putOff, type WaitingCard, waitingCard } from './votes.js';
import type { World } from './world.js';

/** A run against a world in memory, and the acts of its people. */
export interface TestRun {
  world: World;
  handle: WorkflowHandleWithFirstExecutionRunId;
  shortId: string;
  runs: Runs;
  /** The card of a revision, once it waits. @default the first revision */
  card(revision?: number): Promise<WaitingCard>;
  /** The first card, once the run itself knows it. People and the ledger have it a moment before. */
  postedCard(): Promise<WaitingCard>;
  /** Decides about the plan that waits: its first revision, unless `own` names another. */
  click(kind: Decision['kind'], by?: Person, own?: Partial<SentDecision>): Promise<void>;
  cancel(by?: Person): Promise<void>;
  /**
   * Waits until no activity is under way. The server that skips time loses a workflow task that cancels an activity which has just ended
   * (ACTIVITY_UNKNOWN); a Temporal server takes it.
   */
  idle(): Promise<void>;
  /** The message of a tool call as it is now, once there is one; `title` tells several calls of a tool apart. */
  toolCall(tool: string, title?: string): Promise<RequestMessage>;
  /** The message of a question that waits. */
  question(kind: Subject['kind']): Promise<RequestMessage>;
  /** Decides about a tool call. */
  decide(
    message: RequestMessage,
    kind: Decision['kind'],
    by?: Person,
    own?: Partial<Decision>,
  ): Promise<void>;
  answer(message: RequestMessage, answer: { choice?: string; note?: string }, by?: Person): Promise<void>;
  progress(): ProgressCard | undefined;
  /** Reason of the newest refusal, once there are so many. */
  refusal(count?: number): Promise<string>;
  /** First entry of this kind, once the ledger has it. */
  written<Kind extends Checkpoint['kind']>(kind: Kind): Promise<Checkpoint<Kind>>;
  outcome(): Promise<RunOutcome>;
}

export interface TestRunSettings {
  client: Client;
  taskQueue: string;
  world: World;
  own?: Partial<RunInput>;
  workflowId?: string;
  /** @default the product's */
  workflowTaskTimeout?: '1 second';
}

/** Starts a run. It goes on while its task queue has workers. */
export async function startTestRun(settings: TestRunSettings): Promise<TestRun> {
  const { client, taskQueue, world, own, workflowId = randomUUID(), workflowTaskTimeout } = settings;
  const input = runInput(own);
  const handle = await client.workflow.start(WORKFLOW_TYPE, {
    ...startOptions(input, taskQueue, { searchAttributes: input.searchAttributes ?? false }),
    workflowId,
    ...(workflowTaskTimeout && { workflowTaskTimeout }),
  });
  const newest = () => world.thread().map(({ states }) => states.at(-1) as ThreadMessage);
  // One message may show several items.
  const requests = () =>
    newest().flatMap((message) => {
      if (message.kind !== 'request') return [];
      const { items, ...one } = message;
      return (items ?? [one.item]).map((item) => ({ ...one, item }));
    });
  return {
    world,
    handle,
    shortId: input.shortId,
    runs: createRuns(client, taskQueue),
    card: (revision) => waitingCard(world, revision),
    async postedCard() {
      const card = await waitingCard(world);
      while ((await handle.query(status)).state !== 'waiting') await delay(20);
      return card;
    },
    async click(kind, by = ana, own = {}) {
      const card = await waitingCard(world, own.revision ?? 1);
      await handle.signal(humanApprove, { ...decisionOn(card, kind, by), ...own });
    },
    cancel: (by = ana) => handle.signal(cancelRun, { by, at: new Date().toISOString() }),
    async idle() {
      while ((await handle.describe()).raw.pendingActivities?.length) await delay(20);
    },
    toolCall: (tool, title) =>
      world.waitFor(
        () =>
          requests().find(
            ({ item: { subject } }) =>
              subject.kind === 'tool-call' &&
              subject.call.name === tool &&
              (title === undefined || subject.call.input.title === title),
          ),
        `a message that asks about ${tool}`,
      ),
    question: (kind) =>
      world.waitFor(
        () => requests().findLast(({ item }) => item.subject.kind === kind && !item.outcome),
        `a question: ${kind}`,
      ),
    async decide(message, kind, by = ana, own = {}) {
      await handle.signal(humanApprove, { ...decisionAbout(world, message, kind, by), ...own });
    },
    async answer(message, answer, by = ana) {
      await handle.signal(humanAnswer, { ...decisionAbout(world, message, 'answer', by), ...answer });
    },
    progress: () => newest().findLast((message): message is ProgressCard => message.kind === 'progress'),
    refusal: (count = 1) => world.waitFor(() => refusalsIn(world)[count - 1], `refusal ${count}`),
    written: (kind) => world.waitFor(() => entryOf(world, kind), `an entry: ${kind}`),
    outcome: () => withinTime(handle.result()) as Promise<RunOutcome>,
  };
}

/** Longest wait for the end of a run, in milliseconds. */
const END_WITHIN_MS = 90_000;

/** Rejects when a run doesn't end: a test that waits for ever would tell nothing. */
async function withinTime<T>(end: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = delay(END_WITHIN_MS, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`The run did not end within ${END_WITHIN_MS} ms`);
  });
  late.catch(() => 'told by the race');
  try {
    return await Promise.race([end, late]);
  } finally {
    abort.abort();
  }
}

function refusalsIn(world: World): string[] {
  return world.privately.flatMap(({ message }) =>
    message.kind === 'refused' ? [message.refusal.reason] : [],
  );
}

function entryOf<Kind extends Checkpoint['kind']>(world: World, kind: Kind): Checkpoint<Kind> | undefined {
  return world.entries.find((entry) => entry.kind === kind) as Checkpoint<Kind> | undefined;
}

function decisionAbout(
  world: World,
  { request, revision, item }: RequestMessage,
  kind: Decision['kind'],
  by: Person,
): Decision {
  const items = [{ id: item.id, digest: item.digest }];
  const isIt = (message: ThreadMessage | undefined) =>
    message?.kind === 'request' &&
    message.request === request &&
    (message.items ?? [message.item]).some(({ id }) => id === item.id);
  const { ref } = world.thread().find(({ states }) => isIt(states[0])) ?? {};
  return {
    ...{ kind, request, revision, items, by, note: '', at: new Date().toISOString() },
    ...(kind === 'extend' && { until: putOff(item.expiresAt, 2_000) }),
    ...(ref && { clickedOn: ref.ts }),
  };
}

/** Waits for the failure of a run; returns it with its resume point and the input of a retry. */
export async function failureOf(
  handle: WorkflowHandle,
): Promise<{ failure: RunFailure; resume: ResumePoint; input: RunInput }> {
  try {
    await handle.result();
  } catch (error) {
    const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
    const details = (cause as { details?: unknown[] } | undefined)?.details;
    if (!details) throw error;
    const [failure, resume, input] = details as [RunFailure, ResumePoint, RunInput];
    return { failure, resume, input };
  }
  throw new Error('The run did not fail');
}
