import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { WebClient } from '@slack/web-api';
import { startWorkspace, type Workspace } from '../../sandbox/workspace/index.js';
import { createWebClient } from '../../src/slack/client/web/web.js';
import { readPerson } from '../../src/slack/listeners/person.js';
import { createDirectory } from '../../src/slack/permissions/directory.js';
import { identify } from '../../src/slack/permissions/identity.js';

type Fields = Record<string, unknown>;
type Interaction = Fields & { trigger_id: string; user: { id: string; team_id: string } };
type EventPayload = Fields & { event: Fields & { user: string } };

const HOME = { team: 'T01LOCAL', enterprise: 'E01LOCAL' };

for (const isOrgWide of [false, true]) {
  describe(`payloads in an organization, with the app installed ${isOrgWide ? 'for all of it' : 'in one workspace'}`, () => {
    let workspace: Workspace;
    let slack: WebClient;
    before(async () => {
      workspace = await startWorkspace({
        grid: { isOrgWide },
        rateLimits: false,
        eventRetries: { pausesMs: [] },
      });
      slack = new WebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl });
    });
    after(() => workspace.close());
    const general = 'C01GENERAL';
    /** Payloads that an act brings, whether or not an app takes them. */
    const payloadsOf = async (act: () => Promise<unknown>) => {
      const before = workspace.deliveries.length;
      await act();
      return workspace.deliveries.slice(before).map(({ payload }) => payload as Fields);
    };
    const mentionOf = async (user: string) => {
      const sent = await payloadsOf(() => workspace.as(user).mention(general, 'go'));
      const [message, mention] = sent as EventPayload[];
      return { message: message as EventPayload, mention: mention as EventPayload };
    };
    const clickOf = async (user: string) => {
      const blocks = [
        {
          type: 'actions',
          elements: [{ type: 'button', action_id: 'b', text: { type: 'plain_text', text: 'B' } }],
        },
      ];
      const { ts = '' } = await slack.chat.postMessage({
        channel: general,
        text: 'b',
        blocks: blocks as never,
      });
      const [click] = await payloadsOf(() => workspace.as(user).click({ channel: general, ts }, 'b'));
      return click as Interaction;
    };
    /** A modal that somebody opens by a click, and submits. */
    const submissionOf = async (user: string) => {
      const { trigger_id } = await clickOf(user);
      const input = { type: 'plain_text_input', action_id: 'a' };
      const label = { type: 'plain_text', text: 'L' };
      const blocks = [{ type: 'input', block_id: 'i', label, element: input }];
      const view = { type: 'modal', callback_id: 'v', title: label, submit: label, blocks };
      const opened = await slack.views.open({ trigger_id, view: view as never });
      const id = opened.view?.id ?? '';
      const [submission] = await payloadsOf(() => workspace.as(user).submit(id, { i: 'x' }));
      return submission as Interaction & { view: Fields };
    };

    it('name a member by workspace in commands and forms, and by organization in clicks', async () => {
      const { ana } = workspace.people;
      const [command = {}] = await payloadsOf(() => workspace.as(ana).command(general, '/agent', 'go'));
      assert.deepEqual(
        [command.team_id, command.enterprise_id, command.is_enterprise_install],
        ['T01LOCAL', 'E01LOCAL', String(isOrgWide)],
      );
      const click = await clickOf(ana);
      const team = {
        id: 'T01LOCAL',
        domain: 'local',
        enterprise_id: 'E01LOCAL',
        enterprise_name: 'Local organization',
      };
      assert.deepEqual([click.user.team_id, click.team], ['E01LOCAL', isOrgWide ? null : team]);
      assert.deepEqual(click.enterprise, { id: 'E01LOCAL', name: 'Local organization' });
      assert.equal(click.is_enterprise_install, isOrgWide);
      const form = await submissionOf(ana);
      assert.equal(form.user.team_id, 'T01LOCAL');
      assert.equal(form.view.app_installed_team_id, isOrgWide ? 'E01LOCAL' : 'T01LOCAL');
    });

    it('name the app’s side in a mention, and the author’s side where it is another', async () => {
      const { ana } = workspace.people;
      const { mia, eve } = workspace.gridPeople;
      const expected: [string, string | undefined][] = [
        [ana, undefined],
        [mia, 'T02BRANCH'],
        [eve, 'E09OTHER'],
      ];
      for (const [user, own] of expected) {
        const { mention } = await mentionOf(user);
        const { team, user_team, source_team } = mention.event;
        assert.deepEqual([team, user_team, source_team], ['T01LOCAL', own, own]);
        assert.deepEqual([mention.team_id, mention.enterprise_id], ['T01LOCAL', 'E01LOCAL']);
        assert.deepEqual([mention.context_team_id, mention.context_enterprise_id], ['T01LOCAL', 'E01LOCAL']);
        assert.equal(mention.is_ext_shared_channel, true, 'Eve is in this channel');
        const [authorization] = mention.authorizations as Fields[];
        assert.deepEqual(
          [authorization?.team_id, authorization?.enterprise_id, authorization?.is_enterprise_install],
          [isOrgWide ? null : 'T01LOCAL', 'E01LOCAL', isOrgWide],
        );
      }
      const { message } = await mentionOf(eve);
      assert.deepEqual([message.team_id, message.enterprise_id], ['T09OTHER', 'E09OTHER']);
      assert.equal(message.event.team, 'T09OTHER');
    });

    it('lead to the same people, whichever of their ids they name', async () => {
      const client = createWebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl });
      const directory = createDirectory(client);
      const { ana } = workspace.people;
      const { mia, eve } = workspace.gridPeople;
      for (const [user, isMember] of [
        [ana, true],
        [mia, true],
        [eve, false],
      ] as const) {
        const [command = {}] = await payloadsOf(() => workspace.as(user).command(general, '/agent', 'go'));
        const { mention } = await mentionOf(user);
        const [home = {}] = await payloadsOf(() => workspace.as(user).openHome());
        const read = (payload: Fields) => readPerson(payload as never, HOME.team);
        const people = [command, await clickOf(user), await submissionOf(user), mention, home].map(read);
        for (const person of people) {
          assert.equal(person.user, user);
          const known = await directory.person(person);
          assert.notEqual(known, 'unknown', `known as ${JSON.stringify(person)}`);
          assert.equal(await directory.isFullMember(person, HOME, { fresh: true }), isMember);
          if (user === eve) assert.notEqual(person.enterprise, HOME.enterprise, JSON.stringify(person));
        }
      }
    });

    it('and the Web API name teams alike: the token, a channel, people and messages', async () => {
      const access = { botToken: workspace.credentials.botToken, apiUrl: workspace.apiUrl };
      const { home, app } = await identify(access);
      assert.deepEqual(home, { team: isOrgWide ? 'E01LOCAL' : 'T01LOCAL', enterprise: 'E01LOCAL' });
      assert.equal(app, `${home.team}/A01COUNTER`);
      const { channel } = await slack.conversations.info({ channel: general });
      assert.deepEqual(
        [channel?.is_ext_shared, channel?.shared_team_ids?.toSorted()],
        [true, ['T01LOCAL', 'T02BRANCH', 'T09OTHER']],
      );
      const { user } = await slack.users.info({ user: workspace.gridPeople.mia });
      assert.deepEqual(user?.enterprise_user?.teams, ['T02BRANCH']);
      assert.equal(user?.team_id, undefined);
      await workspace.as(workspace.gridPeople.eve).send(general, 'hello');
      const { messages = [] } = await slack.conversations.history({ channel: general, limit: 1 });
      assert.equal((messages[0] as Fields).user_team, 'E09OTHER');
    });
  });
}
