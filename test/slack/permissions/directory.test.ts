import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { WebClient } from '@slack/web-api';
import { startWorkspace, type Workspace } from '../../../sandbox/workspace/index.js';
import { DEFAULT_POLICY, type PolicyBook } from '../../../src/approval/policy.js';
import { RemoteError } from '../../../src/platform/errors.js';
import { createWebClient } from '../../../src/slack/client/web/web.js';
import { createDirectory } from '../../../src/slack/permissions/directory.js';
import { identify, resolveChannel } from '../../../src/slack/permissions/identity.js';
import { findPolicyProblems } from '../../../src/slack/permissions/policy-problems.js';
import { policyWith } from '../../support/samples.js';

const GROUP = 'S01APPROVERS';

describe('who is who in Slack', () => {
  let workspace: Workspace;
  before(async () => {
    workspace = await startWorkspace({ rateLimits: false });
  });
  after(() => workspace.close());
  const open = (where = workspace) =>
    createDirectory(createWebClient(where.credentials.botToken, { slackApiUrl: where.apiUrl }));
  const problemsOf = (policy: PolicyBook, where = workspace) =>
    findPolicyProblems({ botToken: where.credentials.botToken, apiUrl: where.apiUrl }, policy);
  const asked = () => workspace.requests.filter(({ method }) => method === 'usergroups.users.list').length;

  it('remembers a group for a moment, and asks again when it matters', async () => {
    const directory = open();
    const before = asked();
    const { ben, chloe, dev } = workspace.people;
    assert.deepEqual(await directory.members(GROUP, { fresh: false }), [ben, chloe, dev]);
    await directory.members(GROUP, { fresh: false });
    assert.equal(asked(), before + 1);
    await directory.members(GROUP, { fresh: true });
    assert.equal(asked(), before + 2);
  });

  it('knows its app by its bot where SLACK_API_URL leads to a server without bots.info', async () => {
    const answers: Record<string, object> = {
      '/auth.test': { ok: true, bot_id: 'B1', user_id: 'U1', team: 'One', team_id: 'T1' },
    };
    const server = createServer((request, response) => {
      const answer = answers[request.url ?? ''] ?? { ok: false, error: 'unknown_method' };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    assert.equal((await identify({ botToken: 'xoxb-1', apiUrl })).app, 'T1/B1');
    server.closeAllConnections();
    server.close();
  });

  it('asks once for those who want to know at the same moment', async () => {
    const directory = open();
    const before = asked();
    await Promise.all([1, 2, 3].map(() => directory.members(GROUP, { fresh: false })));
    assert.equal(asked(), before + 1);
  });

  it('can’t say who is in a group that isn’t there, and says so at the start', async () => {
    const directory = open();
    assert.equal(await directory.members('S99GONE', { fresh: false }), undefined);
    const problems = await problemsOf({
      default: policyWith({ approvers: [GROUP, 'S99GONE'] }),
      channels: {},
    });
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /user group S99GONE, and nobody can approve by it: .*no_such_subteam/);
  });

  it('says which channels of a policy Slack does not know, and which are archived', async () => {
    const { approvals, incidents } = workspace.channels;
    await workspace.archive(incidents);
    const channels = { [approvals]: {}, [incidents]: {}, C99GONE: {} };
    const problems = await problemsOf({ default: DEFAULT_POLICY, channels });
    assert.deepEqual(problems, [
      `The policy names the channel ${incidents} (#incidents), which is archived.`,
      "The policy names the channel C99GONE, which Slack doesn't know: correct the id, or invite the bot if the channel is private.",
    ]);
  });

  it('forgets what it knew when Slack fails, and lets it be tried again', async () => {
    const directory = open();
    await directory.members(GROUP, { fresh: false });
    workspace.faults.inject({ kind: 'error-500', method: 'usergroups.users.list', times: 1 });
    await assert.rejects(
      directory.members(GROUP, { fresh: true }),
      (error) => error instanceof RemoteError && error.retryable,
    );
    assert.equal((await directory.members(GROUP, { fresh: false }))?.length, 3);
  });

  it('knows people, and neither bots nor ids that were made up', async () => {
    const directory = open();
    const { id: team } = workspace.team;
    assert.deepEqual(await directory.person({ team, user: workspace.people.ana }), { teams: [team] });
    assert.equal(await directory.person({ team, user: workspace.botUser }), 'unknown');
    assert.equal(await directory.person({ team, user: 'UFORGED' }), 'unknown');
    assert.equal(await directory.person({ team: 'T9MADEUP', user: workspace.people.ana }), 'unknown');
  });

  it('remembers a person for a moment where that is enough', async () => {
    const directory = open();
    const looks = () => workspace.requests.filter(({ method }) => method === 'users.info').length;
    const ana = { team: workspace.team.id, user: workspace.people.ana };
    const before = looks();
    for (const fresh of [false, false, true]) await directory.person(ana, { fresh });
    assert.equal(looks(), before + 2);
  });

  it('knows who is in a channel', async () => {
    const directory = open();
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    assert.equal(await directory.isInChannel(general, { user: ana }), true);
    assert.equal(await directory.isInChannel(general, { user: 'UNOBODY' }), false);
  });

  it('reads no more pages of a channel’s members once nobody waits for the answer', async () => {
    const looks = () => workspace.requests.filter(({ method }) => method === 'conversations.members').length;
    const before = looks();
    const look = open().isInChannel(workspace.channels.general, { user: 'UNOBODY' }, AbortSignal.abort());
    await assert.rejects(look);
    assert.equal(looks(), before);
  });

  it('knows why it can’t post in a channel, and notices an invitation at once', async () => {
    const directory = open();
    const { general, random, private: leadership, archived } = workspace.channels;
    assert.equal(await directory.whyCannotPost(general), undefined);
    assert.equal(await directory.whyCannotPost(leadership), 'channel_not_found');
    assert.equal(await directory.whyCannotPost(archived), 'is_archived');
    assert.equal(await directory.whyCannotPost(random), 'not_in_channel');
    await workspace.invite(random);
    assert.equal(await directory.whyCannotPost(random), undefined);
    await workspace.removeBot(random);
  });

  it('can post in any public channel with the scope chat:write.public', async (t) => {
    const manifest = readFileSync('manifest.yml', 'utf8').replace(
      '- chat:write ',
      '- chat:write.public\n      - chat:write ',
    );
    const wider = await startWorkspace({ manifest });
    t.after(() => wider.close());
    assert.equal(await open(wider).whyCannotPost(wider.channels.random), undefined);
  });

  const told: [string, object, string[], string[]][] = [
    ['of one workspace by its id', { team_id: 'T1' }, ['T1'], ['T2', 'E1', '']],
    [
      'of Enterprise Grid by their organization’s id, which stands in clicks, and by those of their workspaces',
      { enterprise_user: { id: 'W1', enterprise_id: 'E1', teams: ['T1', 'T2'] } },
      ['E1', 'T1', 'T2'],
      ['E2', 'T3'],
    ],
    ['of Slack Connect by their own', { team_id: 'T2', profile: { team: 'E2' } }, ['T2', 'E2'], ['T1']],
    ['who share no channel with us not at all', { team_id: 'T2', is_stranger: true }, [], ['T2']],
    ['of whom Slack names no team', {}, ['T1'], []],
  ];
  for (const [who, user, known, unknown] of told) {
    it(`knows people ${who}`, async () => {
      const users = { info: async () => ({ ok: true, user: { id: 'U1', ...user } }) };
      const directory = createDirectory({ users } as unknown as WebClient);
      for (const team of known)
        assert.notEqual(await directory.person({ team, user: 'U1' }), 'unknown', team);
      for (const team of unknown) assert.equal(await directory.person({ team, user: 'U1' }), 'unknown', team);
    });
  }

  const nobody: [string, object][] = [
    ['a bot', { is_bot: true }],
    ['a workflow', { is_workflow_bot: true }],
    ['Slack itself', { id: 'USLACKBOT' }],
    ['somebody deactivated', { deleted: true }],
  ];
  for (const [who, user] of nobody) {
    it(`takes ${who} for nobody`, async () => {
      const users = { info: async () => ({ ok: true, user: { id: 'U1', team_id: 'T1', ...user } }) };
      const directory = createDirectory({ users } as unknown as WebClient);
      assert.equal(await directory.person({ team: 'T1', user: 'U1' }), 'unknown');
    });
  }

  it('knows guests, of one channel or of several', async () => {
    for (const kind of ['is_restricted', 'is_ultra_restricted']) {
      const users = { info: async () => ({ ok: true, user: { id: 'U1', team_id: 'T1', [kind]: true } }) };
      const directory = createDirectory({ users } as unknown as WebClient);
      const guest = { teams: ['T1'], isGuest: true };
      assert.deepEqual(await directory.person({ team: 'T1', user: 'U1' }), guest);
    }
  });

  describe('in an organization', () => {
    for (const isOrgWide of [false, true]) {
      it(`knows groups, channels and people with a token of ${isOrgWide ? 'the organization' : 'a workspace'}`, async (t) => {
        const grid = await startWorkspace({ rateLimits: false, grid: { isOrgWide } });
        t.after(() => grid.close());
        const { botToken } = grid.credentials;
        const access = { botToken, apiUrl: grid.apiUrl };
        const directory = open(grid);
        assert.equal((await directory.members(GROUP, { fresh: true }))?.length, 3);
        assert.equal(await directory.members('S99GONE', { fresh: true }), undefined);
        assert.equal(await resolveChannel(access, '#approvals'), grid.channels.approvals);
        await assert.rejects(resolveChannel(access, 'nowhere'), /there is no channel #nowhere/);
        const { home } = await identify(access);
        assert.deepEqual(home, { team: isOrgWide ? 'E01LOCAL' : 'T01LOCAL', enterprise: 'E01LOCAL' });
        const { gil, eve, sam, old, mia } = grid.gridPeople;
        const person = (user: string, team = 'E01LOCAL') => directory.person({ user, team });
        assert.deepEqual(await person(grid.people.ana), { teams: ['T01LOCAL', 'E01LOCAL'] });
        assert.deepEqual(await person(mia), { teams: ['T02BRANCH', 'E01LOCAL'] });
        assert.deepEqual(await person(gil), { teams: ['T01LOCAL', 'E01LOCAL'], isGuest: true });
        assert.deepEqual(await person(eve, 'T09OTHER'), { teams: ['T09OTHER', 'E09OTHER'] });
        assert.equal(await person(sam, 'T09OTHER'), 'unknown');
        assert.equal(await person(old), 'unknown');
      });
    }
  });

  it('knows full members of its own workspace or organization, and takes no guest and not Slackbot for one', async () => {
    const home = { team: 'T1', enterprise: 'E1' };
    const isFullMember = async (id: string, account: object) => {
      const users = { info: async () => ({ ok: true, user: { id, ...account } }) };
      return await createDirectory({ users } as unknown as WebClient).isFullMember({ user: id }, home, {
        fresh: false,
      });
    };
    assert.equal(await isFullMember('U1', { team_id: 'T1' }), true);
    const grid = { id: 'U1', enterprise_id: 'E1', teams: ['T3'] };
    assert.equal(await isFullMember('U1', { team_id: 'T3', enterprise_user: grid }), true);
    assert.equal(await isFullMember('U1', { team_id: 'T1', is_restricted: true }), false);
    assert.equal(
      await isFullMember('U1', { team_id: 'T3', enterprise_user: grid, is_restricted: true }),
      false,
    );
    assert.equal(await isFullMember('U1', { team_id: 'T2' }), false);
    // Slack's own bot as `users.info` shows it: a member that is no bot.
    assert.equal(await isFullMember('USLACKBOT', { team_id: 'T1', is_bot: false }), false);
    await assert.rejects(isFullMember('U1', {}), /names no team/);
  });

  it('shuts groups, and doubts nobody, where the app lacks the scopes', async () => {
    const old = await startWorkspace({
      rateLimits: false,
      manifest:
        'features: { slash_commands: [] }\noauth_config: { scopes: { bot: [chat:write] } }\nsettings: {}\n',
    });
    const directory = open(old);
    assert.equal(await directory.members(GROUP, { fresh: false }), undefined);
    const [problem = ''] = await problemsOf(
      { default: policyWith({ approvers: [GROUP] }), channels: {} },
      old,
    );
    assert.match(problem, /add the scope usergroups:read/);
    assert.deepEqual(await directory.person({ team: old.team.id, user: old.people.ana }), { teams: [] });
    await old.close();
  });
});
