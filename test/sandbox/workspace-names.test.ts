import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { startWorkspace, type Workspace } from '../../sandbox/workspace/index.js';
import { createWebClient } from '../../src/slack/client/web/web.js';
import { createDirectory } from '../../src/slack/permissions/directory.js';

describe('names of people and channels that are mentioned', () => {
  let workspace: Workspace;
  before(async () => {
    const manifest = readFileSync('manifest.yml', 'utf8').replace(
      'should_escape: false',
      'should_escape: true',
    );
    workspace = await startWorkspace({ manifest, rateLimits: false });
  });
  after(() => workspace.close());
  const namesOf = (ids: string[], shownIn: string, withinMs = 5_000) => {
    const client = createWebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl });
    return createDirectory(client).namesOf(ids, { shownIn, withinMs });
  };

  it('come with a command whose text Slack escapes', async () => {
    const { ana } = workspace.people;
    await workspace.as(ana).command(workspace.channels.general, '/agent', 'ask @ben & @leads in #random');
    const [command] = workspace.deliveries.filter(({ kind }) => kind === 'slash_commands');
    assert.equal(command?.payload.text, 'ask <@U02BEN|ben> &amp; <!subteam^S02LEADS> in <#C04RANDOM|random>');
  });

  it('are looked up as Slack shows them; a private channel has its name in itself only', async () => {
    const { general, random, private: leadership } = workspace.channels;
    const ids = ['U02BEN', 'S02LEADS', random, leadership, 'U0NOBODY'];
    const shown = { U02BEN: 'ben', S02LEADS: 'leads', [random]: 'random' };
    const unseen = { ...shown, [leadership]: 'private-channel' };
    assert.deepEqual(Object.fromEntries(await namesOf(ids, general)), unseen);
    await workspace.invite(leadership);
    assert.deepEqual(Object.fromEntries(await namesOf(ids, general)), unseen);
    assert.equal((await namesOf(ids, leadership)).get(leadership), 'leadership');
  });

  it('stay ids where Slack doesn’t tell in time, and no longer', async () => {
    workspace.faults.inject({ method: 'users.info', kind: 'slow', delayMs: 2_000 });
    const began = Date.now();
    const names = await namesOf(['U02BEN', 'S02LEADS'], workspace.channels.general, 300);
    assert.deepEqual([...names], [['S02LEADS', 'leads']]);
    assert.ok(Date.now() - began < 1_500);
  });
});
