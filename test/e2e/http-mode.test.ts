import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { signature } from '../../sandbox/workspace/delivery/http.js';
import { type Stack, startStack } from '../support/product/stack.js';
import { cardOf, startRun, WAITING } from '../support/slack/people.js';

describe('/agent in Slack, by HTTP', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({ http: true, env: { APPROVAL_CHANNEL: '#approvals' } });
  });
  after(() => stack.stop());

  const body = new URLSearchParams({
    command: '/agent',
    text: 'help',
    team_id: 'T1',
    user_id: 'U1',
  }).toString();
  const post = (headers: Record<string, string>) =>
    fetch(stack.eventsUrl, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });

  it('plans, waits in the approval channel, and does what was approved', async () => {
    const { workspace } = stack;
    const { general, approvals } = workspace.channels;
    const { ana } = workspace.people;
    const shortId = await startRun(workspace, ana, general, 'draft the release notes');
    const card = await cardOf(workspace, approvals, shortId, WAITING);
    assert.deepEqual(await workspace.as(ana).click(card, 'Approve'), { ok: true });
    await cardOf(workspace, approvals, shortId, /^Done/);
    assert.equal(workspace.thread(approvals, card.ts).length, 1);
  });

  it('takes a modal’s submission', async () => {
    const { workspace } = stack;
    const { general, approvals } = workspace.channels;
    const { ana } = workspace.people;
    const shortId = await startRun(workspace, ana, general, 'compare two tools');
    await workspace.as(ana).click(await cardOf(workspace, approvals, shortId, WAITING), 'Reject');
    const modal = await workspace.waitFor(() => workspace.openViews(ana)[0], { what: 'the modal' });
    assert.deepEqual(await workspace.as(ana).submit(modal.id, { answer: 'no budget' }), { ok: true });
    await cardOf(workspace, approvals, shortId, /^Rejected/);
  });

  it('answers a request that is signed', async () => {
    const answer = await post(signature(stack.workspace.credentials.signingSecret, body));
    assert.equal(answer.status, 200);
  });

  it('refuses a bad signature, a stale timestamp and a missing signature', async () => {
    const { signingSecret } = stack.workspace.credentials;
    const stale = Math.floor(Date.now() / 1000) - 600;
    assert.equal((await post(signature('another secret', body))).status, 401);
    assert.equal((await post(signature(signingSecret, body, stale))).status, 401);
    assert.equal((await post(signature(signingSecret, 'another body'))).status, 401);
    assert.equal((await post({})).status, 401);
  });
});
