import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { workflowIdOf } from '../../src/temporal/ids.js';
import { openScene, type Scene } from '../support/product/scene.js';
import { cardOf, startRun, startWaitingRun, WAITING } from '../support/slack/people.js';

describe('kill -9 of the service', () => {
  let scene: Scene;
  before(async () => {
    scene = await openScene();
  });
  after(() => scene.close());

  /** Waits until the model has been asked this often. */
  const asked = (times: number) =>
    scene.workspace.waitFor(() => scene.model.requests.length === times, {
      what: `request ${times} to the model`,
      timeoutMs: 30_000,
    });
  /** Waits until Temporal has a heartbeat of this attempt: only then the attempt's number outlives a crash. */
  async function heartbeatOf(shortId: string, attempt: number): Promise<void> {
    const { client, close } = await scene.connect();
    const handle = client.workflow.getHandle(workflowIdOf(shortId));
    const isOnRecord = async () =>
      (await handle.describe()).raw.pendingActivities?.some(
        ({ heartbeatDetails }) =>
          Buffer.from(heartbeatDetails?.payloads?.[0]?.data ?? []).toString() === String(attempt),
      );
    while (!(await isOnRecord())) await delay(50);
    await close();
  }
  /** Ends the service as kill -9 does. Says how long it took until the service was back, and the run went on. */
  async function crash(test: TestContext, goneOn: () => Promise<unknown>): Promise<void> {
    const { workspace, service } = scene;
    const began = Date.now();
    const since = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
    service.crash();
    await workspace.waitFor(() => !workspace.connected(), { what: 'the service to be gone' });
    await workspace.waitFor(() => workspace.connected(), { what: 'the service', timeoutMs: 60_000 });
    test.diagnostic(`the service was back after ${since()}`);
    await goneOn();
    test.diagnostic(`the run went on after ${since()}`);
  }
  /** A fault that uses up an attempt, as overload doesn't. */
  const retrySoon = { kind: 'error', status: 409, retryAfterS: 0.05 } as const;

  it('in a call to the model costs none of the five attempts, which are for the model’s faults', async (test) => {
    const { workspace, model, service } = scene;
    const { general } = workspace.channels;
    const before = model.requests.length;
    for (let fault = 0; fault < 4; fault += 1) model.faults.inject({ ...retrySoon, match: 'search' });
    model.faults.inject({ kind: 'hang', match: 'search', times: 2 });
    const shortId = await startRun(workspace, workspace.people.ana, general, 'crash in the search');
    await asked(before + 5);
    await heartbeatOf(shortId, 5);
    await crash(test, () => asked(before + 6));
    service.crash();
    await cardOf(workspace, general, shortId, WAITING);
    assert.equal(model.requests.length, before + 8, 'four faults, two crashes, the search, the plan');
  });

  it('leaves the fifth fault the last one', async () => {
    const { workspace, model, service } = scene;
    const { general } = workspace.channels;
    const before = model.requests.length;
    for (let fault = 0; fault < 3; fault += 1) model.faults.inject({ ...retrySoon, match: 'search' });
    model.faults.inject({ kind: 'hang', match: 'search' });
    model.faults.inject({ ...retrySoon, match: 'search', times: 5 });
    const shortId = await startRun(workspace, workspace.people.ana, general, 'crash, then give up');
    await asked(before + 4);
    await heartbeatOf(shortId, 4);
    service.crash();
    await cardOf(workspace, general, shortId, /^Failed/);
    assert.equal(model.requests.length, before + 6, 'three faults, a crash, two faults');
    model.faults.clear();
  });

  it('while a run waits loses no click that comes after it', async (test) => {
    const { workspace } = scene;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'crash while it waits');
    await crash(test, async () => {
      assert.deepEqual(await workspace.as(ana).click(card, 'Approve'), { ok: true });
      await cardOf(workspace, general, shortId, /^Done/);
    });
  });
});
