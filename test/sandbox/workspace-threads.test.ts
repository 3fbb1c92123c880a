import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WebClient } from '@slack/web-api';
import { startWorkspace, type Workspace } from '../../sandbox/workspace/index.js';

let workspace: Workspace;
let slack: WebClient;
const statePath = join(mkdtempSync(join(tmpdir(), 'workspace-')), 'workspace.jsonl');
const clientOf = ({ credentials, apiUrl: slackApiUrl }: Workspace) =>
  new WebClient(credentials.botToken, { slackApiUrl, retryConfig: { retries: 0 } });
before(async () => {
  workspace = await startWorkspace({ rateLimits: false, statePath });
  slack = clientOf(workspace);
});
after(() => workspace.close());

const channel = () => workspace.channels.general;
const post = async (text: string, thread_ts?: string) => {
  const answer = await slack.chat.postMessage({ channel: channel(), text, ...(thread_ts && { thread_ts }) });
  return { ...answer, ts: answer.ts ?? '' };
};
const refused = (call: Promise<unknown>, code: string) =>
  assert.rejects(call, (error: { data?: { error?: string } }) => error.data?.error === code);
const listed = async (ts: string) => {
  const { messages = [] } = await slack.conversations.history({ channel: channel(), limit: 100 });
  return messages.find((message) => message.ts === ts);
};

describe('a deleted message', () => {
  it('without replies is gone, and a reply under it lands in the channel: only the answer shows it', async () => {
    const root = await post('a question');
    const before = await post('a reply', root.ts);
    assert.equal(before.message?.thread_ts, root.ts);
    await slack.chat.delete({ channel: channel(), ts: before.ts });
    await slack.chat.delete({ channel: channel(), ts: root.ts });
    await refused(slack.conversations.replies({ channel: channel(), ts: root.ts }), 'thread_not_found');
    const reply = await post('too late', root.ts);
    assert.equal(reply.ok, true);
    assert.equal(reply.message?.thread_ts, undefined);
    assert.equal((await listed(reply.ts))?.text, 'too late');
  });

  it('with replies leaves a tombstone, which goes with the last of them', async () => {
    const root = await post('a card');
    const reply = await post('a reply', root.ts);
    await slack.chat.delete({ channel: channel(), ts: root.ts });
    const { messages = [] } = await slack.conversations.replies({ channel: channel(), ts: root.ts });
    for (const left of [messages[0], await listed(root.ts)]) {
      const { subtype, text, user, thread_ts, reply_count, metadata, blocks, bot_id } = (left ??
        {}) as Record<string, unknown>;
      assert.deepEqual(
        { subtype, text, user, thread_ts, reply_count, metadata, blocks, bot_id },
        {
          ...{ subtype: 'tombstone', text: 'This message was deleted.', user: 'USLACKBOT' },
          ...{ thread_ts: root.ts, reply_count: 1 },
          ...{ metadata: undefined, blocks: undefined, bot_id: undefined },
        },
      );
    }
    const another = await post('another reply', root.ts);
    assert.equal(another.message?.thread_ts, root.ts, 'its thread goes on');
    await refused(slack.chat.update({ channel: channel(), ts: root.ts, text: 'x' }), 'cant_update_message');
    await refused(slack.chat.delete({ channel: channel(), ts: root.ts }), 'cant_delete_message');
    for (const { ts } of [reply, another]) await slack.chat.delete({ channel: channel(), ts });
    assert.equal(await listed(root.ts), undefined);
  });

  it('is a tombstone after a restart, too', async () => {
    const root = await post('a root');
    await post('a reply', root.ts);
    await slack.chat.delete({ channel: channel(), ts: root.ts });
    await workspace.close();
    workspace = await startWorkspace({ rateLimits: false, statePath });
    slack = clientOf(workspace);
    const left = workspace.messages(channel()).find(({ ts }) => ts === root.ts);
    assert.deepEqual([left?.subtype, left?.replyCount], ['tombstone', 1]);
  });
});

describe('an update', () => {
  const section = { type: 'section', text: { type: 'mrkdwn', text: 'x' } } as const;
  const rich = {
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'x' }] }],
  } as const;
  const update = (ts: string, blocks: (typeof section | typeof rich)[], text = 'y') =>
    slack.chat.update({ channel: channel(), ts, text, blocks });

  it('is refused in an archived channel', async () => {
    const { ts } = await post('a card');
    await workspace.archive(channel());
    await refused(update(ts, [section]), 'is_inactive');
    await workspace.archive(channel(), false);
    await update(ts, [section]);
  });

  it('takes 4,000 characters of text, which a post may exceed', async () => {
    const { ts } = await slack.chat.postMessage({
      channel: channel(),
      text: 'x'.repeat(11_800),
      blocks: [section],
    });
    await refused(update(ts ?? '', [section], 'x'.repeat(4_001)), 'msg_too_long');
    await update(ts ?? '', [section], 'x'.repeat(4_000));
  });

  it('shows “edited” only without blocks', async () => {
    const { ts } = await post('a card');
    const shown = () => workspace.messages(channel()).find((message) => message.ts === ts);
    await update(ts, [section]);
    assert.equal(shown()?.edited, undefined);
    await slack.chat.update({ channel: channel(), ts, text: 'words' });
    assert.ok(shown()?.edited);
  });

  it('puts no other block where rich text is', async () => {
    const { ts = '' } = await slack.chat.postMessage({
      channel: channel(),
      text: 'x',
      blocks: [section, rich, section],
    });
    await refused(update(ts, [section, section]), 'block_mismatch');
    await refused(update(ts, [section]), 'block_mismatch');
    await refused(update(ts, [section, section, rich]), 'block_mismatch');
    await update(ts, [rich, rich]);
  });
});
