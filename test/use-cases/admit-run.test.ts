import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startWorkspace, type Workspace } from '../../sandbox/workspace/index.js';
import { DEFAULT_POLICY, type PolicyBook, policyFor } from '../../src/approval/policy.js';
import type { Ledger } from '../../src/ledger/index.js';
import { createLog } from '../../src/platform/log.js';
import { createWebClient } from '../../src/slack/client/web/web.js';
import { notAdmittedText } from '../../src/slack/messages/refusals/not-admitted.js';
import { createDirectory } from '../../src/slack/permissions/directory.js';
import { admitRun, admitStartedRun, mayStart, policyOfNow } from '../../src/use-cases/admit-run.js';
import type { UseCasePorts } from '../../src/use-cases/ports.js';
import { ledgerForTests } from '../support/ledger/ledger-for-tests.js';
import { assertLimits } from '../support/ledger/limits.js';

describe('a run is started', () => {
  let workspace: Workspace;
  let ledger: Ledger;
  ledgerForTests((opened) => {
    ledger = opened;
  });
  before(async () => {
    workspace = await startWorkspace({ rateLimits: false });
  });
  after(() => workspace.close());
  beforeEach(() => {
    workspace.faults.clear();
    workspace.changeAccount(workspace.people.ana);
  });

  /** A service that has just started under a policy file, so that it remembers nobody. */
  function portsWith(own: Partial<PolicyBook> = {}): UseCasePorts {
    const policies: PolicyBook = { default: DEFAULT_POLICY, channels: {}, ...own };
    const client = createWebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl });
    return {
      directory: createDirectory(client),
      policies,
      policyFor: (channel: string) => policyFor(policies, channel),
      home: { team: workspace.team.id },
      ledger,
      log: createLog('silent'),
    } as unknown as UseCasePorts;
  }
  const ask = async (
    own: Partial<PolicyBook> = {},
    channel = 'C01GENERAL',
    user: string = workspace.people.ana,
  ) => {
    const requester = { team: workspace.team.id, user };
    const admission = await mayStart(portsWith(own), { requester, channel });
    return admission.kind === 'refused' ? notAdmittedText(admission.refusal) : admission.kind;
  };
  const NOT_AMONG = /^:no_entry: I started nothing: you can't start runs here/;

  it('for a full member of the workspace, where the policy says no more', async () => {
    assert.equal(await ask(), 'admitted');
  });

  const others: [string, Record<string, string | boolean | string[]>][] = [
    ['a guest', { is_restricted: true }],
    ['a guest of one channel', { is_restricted: true, is_ultra_restricted: true }],
    ['a person of another team, in a shared channel', { team_id: 'T02OTHER' }],
    ['a stranger', { team_id: 'T02OTHER', is_stranger: true }],
    ['a deactivated account', { deleted: true }],
    ['a bot', { is_bot: true }],
  ];
  for (const [who, account] of others) {
    it(`not for ${who}`, async () => {
      workspace.changeAccount(workspace.people.ana, account);
      assert.match(await ask(), NOT_AMONG);
      assert.match(await ask({ requesters: ['members', 'U02BEN', 'S01APPROVERS'] }), NOT_AMONG);
    });
  }

  it('for those whom `requesters` names: people, groups, and with `anyone` people of other teams, but no bots', async () => {
    const { ana, ben } = workspace.people;
    assert.equal(await ask({ requesters: [ana] }), 'admitted');
    assert.match(await ask({ requesters: [ana] }, 'C01GENERAL', ben), NOT_AMONG);
    assert.equal(await ask({ requesters: ['S01APPROVERS'] }, 'C01GENERAL', ben), 'admitted');
    assert.match(await ask({ requesters: ['S01APPROVERS'] }), NOT_AMONG);
    workspace.changeAccount(ana, { is_restricted: true });
    assert.equal(await ask({ requesters: ['anyone'] }), 'admitted');
    workspace.changeAccount(ana, { is_bot: true });
    assert.match(await ask({ requesters: ['anyone'] }), NOT_AMONG);
  });

  it('not for somebody who is named and has left: a schedule of theirs starts nothing more', async () => {
    const requesters = [workspace.people.ana];
    const requester = { team: workspace.team.id, user: workspace.people.ana };
    const origin = { channel: 'C01GENERAL', at: new Date().toISOString() };
    const start = () => admitStartedRun(portsWith({ requesters }), { shortId: 'left', requester, origin });
    assert.equal((await start()).kind, 'admitted');
    workspace.changeAccount(workspace.people.ana, { deleted: true });
    assert.equal((await start()).kind, 'refused');
  });

  it('later, while Slack can’t say who the asker is', async () => {
    workspace.faults.inject({ method: 'users.info', kind: 'error-500', times: 9 });
    assert.equal(await ask(), 'unsure');
    workspace.faults.clear();
    workspace.faults.inject({ method: 'users.info', kind: 'refuse', error: 'missing_scope', times: 9 });
    assert.equal(await ask(), 'unsure');
  });

  it('later, too, while Slack is slow: the run that waits has more patience', async () => {
    workspace.faults.inject({ method: 'users.info', kind: 'slow', delayMs: 1_200, times: 9 });
    assert.equal(await ask(), 'unsure');
    const requester = { team: workspace.team.id, user: workspace.people.ana };
    const origin = { channel: 'C01GENERAL', at: new Date().toISOString() };
    const admission = await admitStartedRun(portsWith(), { shortId: 'slow', requester, origin });
    assert.deepEqual(admission, { kind: 'admitted', channel: 'C01GENERAL', policy: DEFAULT_POLICY });
  });

  it('with a word on why the card can’t be posted, before anything is searched', async () => {
    const { random, private: leadership, archived } = workspace.channels;
    const requester = { team: workspace.team.id, user: workspace.people.ana };
    const obstacleIn = async (channel: string) => {
      const admission = await admitRun(portsWith(), { shortId: 'cannot', requester, channel });
      return admission.kind === 'cannot-post' ? admission.failure.code : admission.kind;
    };
    await workspace.removeBot(leadership);
    assert.equal(await obstacleIn(random), 'not_in_channel');
    assert.equal(await obstacleIn(leadership), 'channel_not_found');
    assert.equal(await obstacleIn(archived), 'is_archived');
    workspace.faults.inject({ method: 'conversations.info', kind: 'error-500', times: 9 });
    assert.equal(await obstacleIn(random), 'admitted', 'goes on while Slack can’t say');
    workspace.faults.clear();
    const refused = await admitRun(portsWith(), { shortId: 'others', requester, channel: 'D0OTHERS' });
    assert.ok(refused.kind === 'refused');
    assert.match(notAdmittedText(refused.refusal), /nobody can invite me to it/);
  });

  it('only in the channels that a file without a default names; elsewhere the asker is told of those they are in', async () => {
    const named: Partial<PolicyBook> = {
      channelsOnly: true,
      channels: { C02APPROVALS: {}, C05LEADERS: {}, C99GONE: {} },
    };
    await workspace.invite('C05LEADERS');
    assert.equal(await ask(named, 'C02APPROVALS'), 'admitted');
    const { ana, chloe } = workspace.people;
    assert.match(await ask(named, 'D01', ana), /Ask me in <#C02APPROVALS>, <#C05LEADERS>\.$/);
    assert.match(await ask(named, 'D01', chloe), /Ask me in <#C02APPROVALS>\.$/);
    const hidden = { channelsOnly: true, channels: { C05LEADERS: {} } } as const;
    assert.match(await ask(hidden, 'C01GENERAL', chloe), /I found none that you are in\.$/);
  });

  it('under a policy by which nobody approves any more where goals are no longer taken, and each denial holds', () => {
    const tools = [{ match: 'todo__*', rule: 'deny' as const }];
    const channels = { C02FINANCE: { approvers: ['U02BEN'] } };
    const policies = { default: DEFAULT_POLICY, channels, channelsOnly: true as const, tools };
    assert.deepEqual(policyOfNow({ policies }, 'C02FINANCE').approvers, ['U02BEN']);
    const elsewhere = policyOfNow({ policies }, 'D1');
    assert.deepEqual(elsewhere.approvers, []);
    assert.deepEqual(elsewhere.tools, tools);
    // Since all cards go to one channel, a run with an older card elsewhere follows that channel's policy.
    const moved = policyOfNow({ policies, approvalChannel: 'C02FINANCE' }, 'D1');
    assert.deepEqual(moved.approvers, ['U02BEN']);
  });

  it('within the limits for a person and a channel, however many commands come at once', () =>
    assertLimits([ledger]));

  it('with a count only where the file has limits; a refusal says when it goes on', async () => {
    const { ben } = workspace.people;
    const run = (shortId: string) => ({
      ...{ shortId, channel: 'C01GENERAL' },
      requester: { team: workspace.team.id, user: ben },
    });
    const limits = { perPerson: { perDay: 1 } };
    assert.deepEqual(await admitRun(portsWith(), run('first')), { kind: 'admitted' });
    assert.deepEqual(await admitRun(portsWith({ limits }), run('second')), { kind: 'admitted' });
    assert.deepEqual(await admitRun(portsWith({ limits }), run('second')), { kind: 'admitted' });
    const refused = await admitRun(portsWith({ limits }), run('third'));
    assert.ok(refused.kind === 'refused');
    assert.match(
      notAdmittedText(refused.refusal),
      /you have started 1 run in the last 24 hours, and that's the limit\. The next one can start <!date\^\d+\^/,
    );
    const atOnce = await admitRun(portsWith({ limits: { perPerson: { atOnce: 1 } } }), run('third'));
    assert.ok(atOnce.kind === 'refused');
    assert.match(
      notAdmittedText(atOnce.refusal),
      /The next one can start when one ends\. Yours: `second`\. To stop one: `\/agent stop <run>`\.$/,
    );
  });

  it('not at all while the ledger can’t count', async () => {
    const ports = portsWith({ limits: { perPerson: { perDay: 1 } } });
    const away = { countStart: () => Promise.reject(new Error('the database is away')) };
    const run = {
      shortId: 'r',
      channel: 'C1',
      requester: { team: workspace.team.id, user: workspace.people.ana },
    };
    await assert.rejects(admitRun({ ...ports, ledger: away } as unknown as UseCasePorts, run), {
      code: 'StartNotCounted',
    });
  });
});
