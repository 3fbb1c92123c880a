import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { WebClient } from '@slack/web-api';
import { createEmulator, type Emulator } from 'emulate';
import { examineLive } from '../../src/cli/live/examine.js';
import { createMessenger } from '../../src/slack/client/messenger.js';
import { createWebClient } from '../../src/slack/client/web/web.js';
import { createDirectory } from '../../src/slack/permissions/directory.js';
import { cardWith, progressCard, waiting } from '../support/cards.js';
import { decision } from '../support/samples.js';

const TOKEN = 'xoxb-emulated';

/** The emulator lacks Socket Mode, commands, interactions and user groups, and posts into the threads of deleted messages. */
const KNOWN_DIFFERENCES = [/^WRONG a reply under a deleted message/, /^WRONG a user group is looked up/];

describe('calls to Slack, at a stand-in that others wrote', () => {
  let emulator: Emulator;
  let client: WebClient;
  let general: string;
  before(async () => {
    const seed = { tokens: { [TOKEN]: { login: 'bot', scopes: [] } } };
    emulator = await createEmulator({ service: 'slack', port: 0, seed });
    client = createWebClient(TOKEN, { slackApiUrl: `${emulator.url}/api/` });
    const { channels = [] } = await client.conversations.list();
    general = channels.find(({ name }) => name === 'general')?.id ?? '';
  });
  after(() => emulator.close());

  it('look people and channels up', async () => {
    const directory = createDirectory(client);
    assert.equal(await directory.whyCannotPost(general), 'not_in_channel');
    await client.conversations.join({ channel: general });
    assert.equal(await directory.whyCannotPost(general), undefined);
    assert.equal(await directory.whyCannotPost('C0NOWHERE'), 'channel_not_found');
    const { members: [person] = [] } = await client.users.list({});
    const names = await directory.namesOf([person?.id ?? '', general], { shownIn: general, withinMs: 5_000 });
    assert.equal(names.get(general), 'general');
    assert.ok(names.get(person?.id ?? ''));
  });

  it('post a card once, update it, fill its thread, and notice its deletion', async () => {
    const directory = createDirectory(client);
    const messenger = createMessenger(client, directory);
    const post = (lookSince?: number) =>
      messenger.postCard(
        { channel: general, card: cardWith(waiting()) },
        { key: 'card', ...(lookSince && { lookSince }) },
      );
    const since = Date.now() - 60_000;
    const ref = await post();
    assert.deepEqual(await post(since), ref, 'found by its metadata');
    await messenger.updateCard({ ref, card: cardWith({ kind: 'executing', votes: [decision()] }) });
    const progress = await messenger.postInThread(
      { thread: ref, message: progressCard() },
      { key: 'progress' },
    );
    await messenger.updateInThread({ ref: progress, message: progressCard({ state: 'done' }) });
    const { messages = [] } = await client.conversations.replies({ channel: general, ts: ref.ts });
    assert.deepEqual(
      messages.map(({ ts }) => ts),
      [ref.ts, progress.ts],
    );
    assert.match(messages[0]?.text ?? '', /^Working on it/);
    assert.equal(await messenger.findCardLoss(ref), undefined);
    await client.chat.delete({ channel: general, ts: progress.ts });
    await client.chat.delete({ channel: general, ts: ref.ts });
    assert.equal(await messenger.findCardLoss(ref), 'deleted');
  });

  it('do what `countersign doctor --live` expects, but for known differences', async () => {
    const lines: string[] = [];
    const env = { SLACK_BOT_TOKEN: TOKEN, SLACK_API_URL: `${emulator.url}/api/` };
    await examineLive(env, '#general', (line) => lines.push(line));
    const wrong = lines.filter((line) => line.startsWith('WRONG'));
    const unknown = wrong.filter((line) => !KNOWN_DIFFERENCES.some((known) => known.test(line)));
    assert.deepEqual(unknown, []);
    assert.match(lines.at(-1) ?? '', /^ok {4}clean-up/);
  });
});
