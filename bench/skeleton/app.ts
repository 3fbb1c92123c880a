import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import Anthropic from '@anthropic-ai/sdk';
import { App, type BlockButtonAction } from '@slack/bolt';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';

/** Baseline of the benchmark: a bare bot of the seed, in one file beside its workflow. */
const {
  SLACK_BOT_TOKEN: token = '',
  SLACK_APP_TOKEN: appToken = '',
  TEMPORAL_ADDRESS: address = '',
} = process.env;
const clientOptions = { slackApiUrl: process.env.SLACK_API_URL ?? 'https://slack.com/api/' };
const app = new App({ token, appToken, socketMode: true, clientOptions });
const anthropic = new Anthropic();
const callLlm = async (prompt: string): Promise<string> => {
  const messages = [{ role: 'user' as const, content: prompt }];
  const answer = await anthropic.messages.create({ model: 'simulated', max_tokens: 8_000, messages });
  return answer.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
};
const activities = {
  callLlm,
  searchWeb: (goal: string) => callLlm(`Research this goal: ${goal}`),
  async post({ channel, text, button, thread }: Post): Promise<string> {
    const click = {
      type: 'button',
      action_id: 'approve',
      value: button,
      text: { type: 'plain_text', text: 'Approve' },
    };
    const blocks = [
      { type: 'section', text: { type: 'plain_text', text: text.slice(0, 3_000) } },
      ...(button ? [{ type: 'actions', elements: [click] }] : []),
    ];
    const post = { channel, text: text.slice(0, 3_000), blocks, ...(thread && { thread_ts: thread }) };
    const { ts } = await app.client.chat.postMessage(
      post as Parameters<typeof app.client.chat.postMessage>[0],
    );
    return ts ?? '';
  },
};
interface Post {
  channel: string;
  text: string;
  button?: string;
  thread?: string;
}
export type Activities = typeof activities;

if (process.send) {
  const { workflow } = new Client({ connection: await Connection.connect({ address }) });
  const workflowsPath = fileURLToPath(new URL('workflow.ts', import.meta.url));
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({ connection, taskQueue: 'skeleton', workflowsPath, activities });
  app.command('/agent', async ({ ack, command }) => {
    const workflowId = randomUUID();
    const args = [command.text, command.channel_id, workflowId];
    await workflow.start('skeleton', { workflowId, taskQueue: 'skeleton', args });
    await ack('started');
  });
  app.action('approve', async ({ ack, action }) => {
    await workflow
      .getHandle((action as BlockButtonAction['actions'][0]).value ?? '')
      .signal('humanApprove', 'approved');
    await ack();
  });
  await app.start();
  process.once('disconnect', () => process.exit(0));
  process.send('ready');
  await worker.run();
}
