import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Stack, startStack } from '../support/product/stack.js';
import {
  approveToTheEnd,
  cardOf,
  openForm,
  shortIdIn,
  startWaitingRun,
  toldPrivately,
  WAITING,
  wordsOf,
} from '../support/slack/people.js';

const POLICY = `
default: { approvers: [requester] }
channels:
  C01GENERAL: { approvers: [members], requesterMayApprove: false }
  C02APPROVALS: { approvers: [S01APPROVERS], approvals: 2, requesterMayApprove: false }
  C03INCIDENTS: { approvers: [U04DEV] }
`;

/** Clicks in an organization name it as the person's team, where commands name the workspace. */
for (const isOrgWide of [false, true]) {
  describe(`in an organization, with the app installed ${isOrgWide ? 'for all of it' : 'in one workspace'}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'grid-'));
    let stack: Stack;
    before(async () => {
      const policyFile = join(folder, 'policy.yml');
      writeFileSync(policyFile, POLICY);
      stack = await startStack({ env: { POLICY_FILE: policyFile }, workspace: { grid: { isOrgWide } } });
    });
    after(async () => {
      await stack.stop();
      rmSync(folder, { recursive: true });
    });

    const told = (user: string, text: RegExp) => toldPrivately(stack.workspace, user, text);

    it('the requester approves their own plan', async () => {
      const { workspace } = stack;
      const { random } = workspace.channels;
      const { ana } = workspace.people;
      await workspace.invite(random);
      const { shortId, card } = await startWaitingRun(workspace, ana, random, 'sort the photos');
      await approveToTheEnd(workspace, ana, random, { shortId, card });
    });

    it('a named approver approves', async () => {
      const { workspace } = stack;
      const { incidents } = workspace.channels;
      const { ana, dev } = workspace.people;
      const { shortId, card } = await startWaitingRun(workspace, ana, incidents, 'restart the queue');
      await approveToTheEnd(workspace, dev, incidents, { shortId, card });
    });

    it('a group’s members approve, each counts once, and never who asked', async () => {
      const { workspace } = stack;
      const { approvals } = workspace.channels;
      const { ben, chloe, dev } = workspace.people;
      const { shortId, card } = await startWaitingRun(workspace, ben, approvals, 'rotate the keys');
      await workspace.as(ben).click(card, 'Approve');
      await told(ben, /you asked for this, so somebody else must approve it/);
      await workspace.as(chloe).click(card, 'Approve');
      await workspace.as(chloe).click(card, 'Approve');
      await told(chloe, /You already approved this/);
      await workspace.as(dev).click(card, 'Approve');
      const done = await cardOf(workspace, approvals, shortId, /^Done/);
      assert.match(wordsOf(done), /Approved by <@U03CHLOE>, <@U04DEV>/);
    });

    it('a member of another workspace asks by a mention, is named as who asked, and rejects by a form', async () => {
      const { workspace } = stack;
      const { random } = workspace.channels;
      const { mia } = workspace.gridPeople;
      await workspace.invite(random);
      await workspace.as(mia).mention(random, 'ask @nobody to tidy up');
      const shortId = shortIdIn((await told(mia, /has started/)).text);
      const cardThat = (says: RegExp) =>
        workspace.waitFor(
          () =>
            workspace
              .messages(random)
              .filter(({ onlyFor, blocks }) => !onlyFor && JSON.stringify(blocks ?? '').includes(shortId))
              .find(({ text }) => says.test(text)),
          { what: `a card that says ${says}`, timeoutMs: 20_000 },
        );
      const card = await cardThat(WAITING);
      const form = await openForm(workspace, mia, card, 'Reject');
      assert.deepEqual(await workspace.as(mia).submit(form.id, {}), { ok: true });
      assert.match(wordsOf(await cardThat(/^Rejected/)), /Rejected by <@W09MIA>/);
    });

    it('people of another organization start nothing where they share a channel, and see nothing on App Home', async () => {
      const { workspace } = stack;
      const { general } = workspace.channels;
      const { eve, mia } = workspace.gridPeople;
      const runs = stack.model.requests.length;
      await workspace.as(eve).mention(general, 'delete everything');
      await told(eve, /you can't start runs here/);
      assert.equal(stack.model.requests.length, runs);
      await workspace.as(mia).openHome();
      await workspace.waitFor(() => workspace.home(mia), { what: 'App Home of a member' });
    });

    it('guests, people of other organizations and deactivated accounts are no members; those of other workspaces are', async () => {
      const { workspace } = stack;
      const { general } = workspace.channels;
      const { gil, eve, old, mia } = workspace.gridPeople;
      const { shortId, card } = await startWaitingRun(
        workspace,
        workspace.people.ana,
        general,
        'paint the wall',
      );
      for (const user of [gil, eve, old]) {
        await workspace.as(user).click(card, 'Approve');
        await told(user, /you can't approve this|Slack doesn't list you as an active person/);
      }
      await workspace.as(mia).click(card, 'Approve');
      assert.match(wordsOf(await cardOf(workspace, general, shortId, /^Done/)), /Approved by <@W09MIA>/);
    });
  });
}
