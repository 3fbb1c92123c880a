import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Message } from '../../sandbox/workspace/index.js';
import { openScene, type Scene } from '../support/product/scene.js';
import { approveToTheEnd, cardOf, startWaitingRun } from '../support/slack/people.js';

const CLICKS = 5_000;
/** Clicks at once. */
const LANES = 40;
const SOON_MS = 10_000;

describe('after 5,000 clicks of somebody whom the policy doesn’t let in, at full speed', () => {
  let scene: Scene;
  before(async () => {
    scene = await openScene({ policy: 'default: { approvers: [U02BEN], requesterMayApprove: false }\n' });
  });
  after(() => scene.close());

  /** Starts a run of Ana's, and has Dev click on its card. */
  async function floodedRun(goal: string): Promise<{ shortId: string; card: Message }> {
    const { workspace } = scene;
    const { ana, dev } = workspace.people;
    const run = await startWaitingRun(workspace, ana, workspace.channels.general, goal);
    let clicks = 0;
    const lane = async () => {
      for (; clicks < CLICKS; clicks += 1) await workspace.as(dev).click(run.card, 'Approve');
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return run;
  }

  it('an approver’s click releases the plan within 10 s, and the outsider was answered a few times', async () => {
    const { workspace } = scene;
    const run = await floodedRun('rotate the keys');
    const clickedAt = Date.now();
    await approveToTheEnd(workspace, workspace.people.ben, workspace.channels.general, run);
    assert.ok(Date.now() - clickedAt < SOON_MS, `after ${Date.now() - clickedAt} ms`);
    assert.ok(workspace.ephemerals(workspace.people.dev).length <= 10);
  });

  it('the requester can cancel within 10 s', async () => {
    const { workspace } = scene;
    const { general } = workspace.channels;
    const { shortId } = await floodedRun('rotate the keys again');
    const askedAt = Date.now();
    await workspace.as(workspace.people.ana).command(general, '/agent', `cancel ${shortId}`);
    await cardOf(workspace, general, shortId, /^Stopped/);
    assert.ok(Date.now() - askedAt < SOON_MS, `after ${Date.now() - askedAt} ms`);
  });
});
