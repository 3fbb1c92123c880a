import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../../src/activities/index.js';
import type { Activities } from '../../../src/activities/types.js';
import type { Person } from '../../../src/approval/person.js';
import type { ApprovalPolicy } from '../../../src/approval/policy.js';
import type { RunInput } from '../../../src/run/input.js';
import { workflowIdOf } from '../../../src/temporal/ids.js';
import type { PayloadHandling } from '../../../src/temporal/payloads/storage.js';
import { ana, policyWith } from '../samples.js';
import { startWorkers } from '../temporal/workers.js';
import { startTestRun, type TestRun } from './test-run.js';
import { createWorld, type World } from './world.js';

/** A Temporal server on which runs go on. */
export interface Place {
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly namespace?: string;
  readonly payloads?: PayloadHandling;
}

/** A place that a suite opens and closes; `beforeClose` adds what must end before that. */
export interface SuitePlace extends Place {
  beforeClose(end: () => Promise<void>): void;
}

/** Starts a run, and passes it to a test. */
export type InRun = (
  own: Partial<RunInput>,
  test: (run: TestRun) => Promise<void>,
  more?: { world?: World; workflowId?: string },
) => Promise<void>;

/** Starts workers for many runs, each against a world of its own. */
export async function openTestRuns(place: Place): Promise<{ inRun: InRun; close(): Promise<void> }> {
  const activities = new Map<string, Activities>();
  const taskQueue = randomUUID();
  const close = await startWorkers({
    ...workersAt(place),
    taskQueue,
    activities: activitiesByRun(activities),
  });
  return {
    close,
    async inRun(own, test, { world = createWorld(), workflowId = idOf(own) } = {}) {
      activities.set(workflowId, createActivities(world));
      await test(await startTestRun({ client: place.client, taskQueue, world, own, workflowId }));
    },
  };
}

/** A test that begins when the plan is approved: by Ana, unless others are named. */
export const afterApproval =
  (test: (run: TestRun) => Promise<void>, by: Person[] = [ana]) =>
  async (run: TestRun): Promise<void> => {
    for (const person of by) await run.click('approve', person);
    await test(run);
  };

/** Makes a function that carries out a plan in a world, approved by Ana, unless others are named. */
export function approvedRuns(inRun: InRun) {
  return (
    world: World,
    test: (run: TestRun) => Promise<void>,
    policy: Partial<ApprovalPolicy> = {},
    by?: Person[],
  ) => inRun({ policy: policyWith(policy) }, afterApproval(test, by), { world });
}

/** Settings of the workers at a place. */
export function workersAt({ connection, namespace, payloads }: Omit<Place, 'client'>) {
  return { connection, ...(namespace !== undefined && { namespace }), ...(payloads && { payloads }) };
}

/** Activities that act in the world of the run that calls them. */
function activitiesByRun(activities: Map<string, Activities>): Activities {
  const ofThisRun = () => {
    const { workflowId } = activityInfo().workflowExecution ?? {};
    const own = activities.get(workflowId ?? '');
    if (!own) throw new Error(`The run ${workflowId} has no world`);
    return own;
  };
  const names = Object.keys(createActivities(createWorld())) as (keyof Activities)[];
  const call =
    (name: keyof Activities) =>
    (...input: unknown[]) =>
      (ofThisRun()[name] as (...given: unknown[]) => unknown)(...input);
  return Object.fromEntries(names.map((name) => [name, call(name)])) as unknown as Activities;
}

function idOf({ shortId }: Partial<RunInput>): string {
  return shortId === undefined ? randomUUID() : workflowIdOf(shortId);
}

/** Opens workers for the tests of a suite with its first run, and closes them before the place closes. */
export function testRunsAt(place: SuitePlace): InRun {
  let opened: ReturnType<typeof openTestRuns> | undefined;
  return async (...args) => {
    if (!opened) {
      opened = openTestRuns(place);
      const { close } = await opened;
      place.beforeClose(close);
    }
    const { inRun } = await opened;
    await inRun(...args);
  };
}
