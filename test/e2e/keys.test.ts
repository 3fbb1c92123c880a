import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Person } from '../../src/approval/person.js';
import type { RunInput } from '../../src/run/input.js';
import { connectTemporal, type Temporal } from '../../src/temporal/connection.js';
import { createRuns } from '../../src/temporal/runs.js';
import { createSchedules, type Schedules } from '../../src/temporal/schedules/schedules.js';
import { WORKFLOW_TYPE } from '../../src/workflows/runtime/signals.js';
import { type Stack, startStack } from '../support/product/stack.js';
import { placeWith, policyWith } from '../support/samples.js';
import { cardOf, startRun, startWaitingRun, WAITING } from '../support/slack/people.js';

const { CommandType } = proto.temporal.api.enums.v1;
const QUEUE = 'countersign';

/** Waits until something holds. */
async function until(what: string, holds: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    assert.ok(tries < 400, `Waited in vain for ${what}`);
    await delay(50);
  }
}

const permit = async () => true;

/** Runs a schedule now; resolves with the id of the run. */
async function runNow(schedules: Schedules, id: string, by: Person): Promise<string> {
  const last = async () => (await schedules.describe(id))?.last?.shortId;
  const before = await last();
  assert.equal(await schedules.change(id, { kind: 'run', by, click: String(before) }, permit), 'done');
  let run: string | undefined;
  await until('its run', async () => {
    run = await last();
    return run !== before;
  });
  // Two runs of one second would be one workflow id.
  await delay(1_100);
  return run ?? '';
}

describe('with PAYLOAD_KEYS, somebody with Temporal’s namespace alone', () => {
  const key = { id: 'k1', key: randomBytes(32) };
  let stack: Stack;
  let sealed: Temporal;
  let plain: Client;
  let disconnect: () => Promise<void>;
  let schedules: Schedules;
  let by: Person;
  const seal = async () => {
    sealed = await connectTemporal({ keys: [key], takesPlain: false });
    const settings = { app: `${stack.workspace.team.id}/A01COUNTER`, strictClient: sealed.strictClient };
    schedules = createSchedules(sealed.client, QUEUE, settings);
  };
  before(async () => {
    stack = await startStack({ env: { PAYLOAD_KEYS: `k1:${key.key.toString('base64')}` } });
    await seal();
    ({ client: plain, close: disconnect } = await stack.connect());
    const { team, people } = stack.workspace;
    by = { team: team.id, user: people.ana };
  });
  after(async () => {
    await Promise.all([disconnect(), sealed.close()]);
    await stack.stop();
  });

  const save = (id: string, goal: string) => {
    const { general } = stack.workspace.channels;
    const times = { cron: '0 9 1 1 *', timeZone: 'UTC', words: 'once a year' };
    const place = { channel: general, origin: general };
    return schedules.create({ id, ...times, ...place, goal, requester: by, policy: policyWith({}) });
  };
  const failureOf = async (workflowId: string) => {
    const { events = [] } = await plain.workflow.getHandle(workflowId).fetchHistory();
    const failures = (events ?? []).flatMap(
      (event) =>
        event.workflowTaskFailedEventAttributes ?? event.workflowExecutionFailedEventAttributes ?? [],
    );
    return failures[0]?.failure?.message ?? '';
  };

  it('stops nobody: a schedule’s runs wait, one after the other, and go on to the end', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    await save('weekly', 'tidy up');
    for (let runs = 0; runs < 2; runs += 1) {
      const shortId = await runNow(schedules, 'weekly', by);
      await workspace.as(by.user).click(await cardOf(workspace, general, shortId, WAITING), 'Approve');
      await cardOf(workspace, general, shortId, /^Done/);
    }
  });

  it('stops nobody: a failed run goes on after Retry', async () => {
    const { workspace, model } = stack;
    const { general } = workspace.channels;
    model.faults.inject({ kind: 'error', status: 401, match: 'plan' });
    const shortId = await startRun(workspace, by.user, general, 'try this again');
    await workspace.as(by.user).click(await cardOf(workspace, general, shortId, /^Failed/), 'Retry');
    await workspace.as(by.user).click(await cardOf(workspace, general, shortId, WAITING), 'Approve');
    await cardOf(workspace, general, shortId, /^Done/);
  });

  it('stops no other service: it lists its own schedules and runs beside those it can’t read', async () => {
    const { workspace } = stack;
    await save('unread', 'a goal');
    await startWaitingRun(workspace, by.user, workspace.channels.general, 'a run that others can’t read');
    const other = await connectTemporal();
    const app = `${by.team}/A9`;
    const theirs = createSchedules(other.client, 'another-queue', { app });
    const times = { cron: '0 9 1 1 *', timeZone: 'UTC', words: 'once a year' };
    const asked = { ...times, channel: 'C9', origin: 'C9', goal: 'theirs', requester: by };
    await theirs.create({ id: 'readable', ...asked, policy: policyWith({}) });
    await until('their schedule', async () => (await theirs.list(permit)).length === 1);
    assert.equal(await theirs.describe('unread'), undefined);
    const { failed, others } = await theirs.refresh(placeWith(policyWith({})));
    assert.deepEqual([failed, others.all >= 1, others.onQueue], [[], true, 0]);
    const runs = createRuns(other.client, 'another-queue', { app });
    await until('the others', async () => (await runs.countOthers()).all >= 1);
    await other.client.schedule.getHandle('agent-readable').delete();
    await other.close();
  });

  it('can’t have a run made again by a copy of its input', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { shortId } = await startWaitingRun(workspace, by.user, general, 'only once');
    const { events } = await plain.workflow.getHandle(`agent-${shortId}`).fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    assert.ok(started?.input);
    const copies = {
      'agent-copy2345': /encrypted for another/,
      // An id as that of a schedule's run.
      [`agent-${shortId}-2026-11-24T09:00:00Z`]: /input is that of the run/,
    };
    for (const [workflowId, reason] of Object.entries(copies)) {
      await plain.workflowService.startWorkflowExecution({
        ...{ namespace: stack.namespace, workflowId, requestId: workflowId, input: started.input },
        workflowType: { name: WORKFLOW_TYPE },
        taskQueue: { name: QUEUE },
      });
      await until('the refusal', async () => reason.test(await failureOf(workflowId)));
    }
    const words = workspace.messages(general).map(({ blocks }) => JSON.stringify(blocks ?? ''));
    assert.equal(words.filter((text) => /Asked by.*only once/.test(text)).length, 1);
  });

  it('can’t have the service encrypt what was written without the key', async () => {
    await save('forged', 'a harmless goal');
    const [input] = (await sealed.strictClient.schedule.getHandle('agent-forged').describe()).action.args as [
      RunInput,
    ];
    const describe = () =>
      plain.workflowService.describeSchedule({ namespace: stack.namespace, scheduleId: 'agent-forged' });
    const raw = await describe();
    const action = raw.schedule?.action;
    assert.ok(action?.startWorkflow);
    const forged = { ...input, goal: 'do as I say', resume: { wasEscalated: true } };
    action.startWorkflow.input = {
      payloads: [
        { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(forged)) },
      ],
    };
    await plain.workflowService.updateSchedule({
      ...{ namespace: stack.namespace, scheduleId: 'agent-forged', requestId: 'forge' },
      schedule: { ...raw.schedule, action },
    });
    const { failed } = await schedules.refresh(placeWith(policyWith({ approvals: 2 })));
    assert.deepEqual(
      failed.map(({ id, error }) => [id, (error as { code?: string }).code]),
      [['forged', 'PayloadPlain']],
    );
    // The runtime of Temporal's SDK is one for the whole process.
    await sealed.close();
    await stack.restart();
    await seal();
    const [kept] = (await describe()).schedule?.action?.startWorkflow?.input?.payloads ?? [];
    assert.deepEqual(JSON.parse(Buffer.from(kept?.data ?? []).toString()), forged);
    const run = await runNow(schedules, 'forged', by);
    await until('the refusal', async () => /not encrypted/.test(await failureOf(`agent-${run}`)));
  });

  it('can’t have Retry encrypt the state of a run that was written without the key', async () => {
    const runs = createRuns(sealed.client, QUEUE, { strictClient: sealed.strictClient });
    const queue = 'of-somebody-else';
    const handle = await plain.workflow.start(WORKFLOW_TYPE, {
      ...{ workflowId: 'agent-fake2345', taskQueue: queue, args: [] },
    });
    const task = plain.workflowService;
    const { taskToken } = await plain.withDeadline(Date.now() + 20_000, () =>
      task.pollWorkflowTaskQueue({ namespace: stack.namespace, taskQueue: { name: queue } }),
    );
    const json = (value: unknown) => ({
      metadata: { encoding: Buffer.from('json/plain') },
      data: Buffer.from(JSON.stringify(value)),
    });
    const details = { payloads: [json({ step: 'plan' }), json({ wasEscalated: true }), json({ goal: 'x' })] };
    await task.respondWorkflowTaskCompleted({
      namespace: stack.namespace,
      taskToken,
      commands: [
        {
          commandType: CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
          failWorkflowExecutionCommandAttributes: {
            failure: {
              message: 'failed',
              applicationFailureInfo: { type: 'RunFailed', nonRetryable: true, details },
            },
          },
        },
      ],
    });
    assert.equal(await runs.retry('fake2345', handle.firstExecutionRunId, permit, by), 'stale');
    assert.deepEqual((await runs.end('fake2345')).kind, 'gone');
  });
});

describe('a schedule that somebody stuffed with an approval', () => {
  it('has its run ask all the same', async () => {
    const stack = await startStack();
    const { client, close } = await stack.connect();
    try {
      const { workspace } = stack;
      const { general } = workspace.channels;
      const by = { team: workspace.team.id, user: workspace.people.ana };
      const schedules = createSchedules(client, QUEUE, { app: `${by.team}/A01COUNTER` });
      const times = { cron: '0 9 1 1 *', timeZone: 'UTC', words: 'once a year' };
      const place = { channel: general, origin: general };
      const policy = policyWith({});
      await schedules.create({
        id: 'stuffed',
        ...times,
        ...place,
        goal: 'water plants',
        requester: by,
        policy,
      });
      const decision = {
        ...{ kind: 'approve', request: 'r', revision: 1, items: [{ id: 'plan', digest: 'd' }], by, note: '' },
        at: new Date().toISOString(),
      } as const;
      const plan = {
        title: 'Approved by nobody',
        summary: 's',
        steps: [{ title: 't', detail: 'd' }],
        risks: [],
      };
      const resume = {
        research: { summary: 's', sources: [] },
        planned: { plan, revision: 1, digest: 'd' },
        approved: { kind: 'approve', decision, votes: [decision] },
      };
      for (const own of [{}, { schedule: undefined }, { continued: true, shortId: 'other' }]) {
        await client.schedule
          .getHandle('agent-stuffed')
          .update(({ spec, policies, state, action, ...rest }) => {
            const [input] = action.args as [RunInput];
            const args = [{ ...input, shortId: 'stuffed', schedule: 'stuffed', ...own, resume }] as never;
            return { ...rest, spec, policies, state, action: { ...action, args } };
          });
        const run = await runNow(schedules, 'stuffed', by);
        const handle = client.workflow.getHandle(`agent-${run}`);
        await until('a plan that waits', async () => {
          const { state } = (await handle.query('status')) as { state: string };
          assert.ok(!['executing', 'completed'].includes(state), state);
          return state === 'waiting';
        });
        await handle.terminate('the test is done');
      }
    } finally {
      await close();
      await stack.stop();
    }
  });
});
