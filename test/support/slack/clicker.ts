import { setTimeout as delay } from 'node:timers/promises';
import { App } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import type { Workspace } from '../../../sandbox/workspace/index.js';
import { ReconnectingReceiver } from '../../../src/slack/receiver/socket-mode.js';

type Settings = ConstructorParameters<typeof ReconnectingReceiver>[0];
type Times = Partial<Pick<Settings, 'pongWithinMs' | 'reconnectAfterMs' | 'overlapMs' | 'patienceMs'>>;

/** Interval of the clicks, in milliseconds. */
const CLICK_EVERY_MS = 20;

/** Connects an app that only takes clicks, by the product's own receiver, and posts a message with a button. */
export async function connectClicker(workspace: Workspace, times: Times = {}) {
  const { botToken, appToken } = workspace.credentials;
  const clientOptions = { slackApiUrl: workspace.apiUrl };
  const warnings: string[] = [];
  const logger = {
    ...{ debug() {}, info() {}, error() {}, setLevel() {}, setName() {}, getLevel: () => 'error' as never },
    warn: (...parts: unknown[]) => void warnings.push(parts.map(String).join(' ')),
  };
  let onFatal: (error: Error) => void = () => {};
  const fatal = new Promise<Error>((resolve) => {
    onFatal = resolve;
  });
  const receiver = new ReconnectingReceiver({
    ...{ appToken, logger, apiUrl: workspace.apiUrl, ...times },
    onFatal: (error) => onFatal(error),
  });
  const identity = { botId: 'B1', botUserId: workspace.botUser, tokenVerificationEnabled: false };
  const app = new App({ token: botToken, receiver, logger, clientOptions, ...identity });
  let ackAfterMs = 30;
  let acks = 0;
  app.action('go', async ({ ack }) => {
    await delay(ackAfterMs);
    await ack();
    acks += 1;
  });
  const opens = () => workspace.requests.filter(({ method }) => method === 'apps.connections.open').length;
  const before = opens();
  await app.start();
  let most = 1;
  const counting = setInterval(() => {
    most = Math.max(most, workspace.sockets.count());
  }, 5);
  const { ts = '' } = await new WebClient(botToken, clientOptions).chat.postMessage({
    channel: workspace.channels.general,
    text: 'Go?',
    blocks: [
      {
        type: 'actions',
        elements: [{ type: 'button', text: { type: 'plain_text', text: 'Go' }, action_id: 'go' }],
      },
    ],
  });
  const card = { channel: workspace.channels.general, ts };
  return {
    card,
    warnings,
    fatal,
    /** Number of clicks that were acknowledged by the app. */
    acks: () => acks,
    /** Most connections at once. */
    most: () => most,
    /** Number of connections that were asked for. */
    opened: () => opens() - before,
    ackAfter(ms: number): void {
      ackAfterMs = ms;
    },
    /** Clicks all the time until something is over, and returns when Slack heard nothing of a click. */
    async clickUntil(over: Promise<unknown>): Promise<{ clicks: number; lost: number[] }> {
      const began = Date.now();
      const ana = workspace.as(workspace.people.ana);
      const lost: number[] = [];
      const clicks: Promise<void>[] = [];
      let isOver = false;
      void over.finally(() => {
        isOver = true;
      });
      while (!isOver) {
        const at = Date.now() - began;
        clicks.push(ana.click(card, 'Go').then(({ ok }) => void (ok || lost.push(at))));
        await delay(CLICK_EVERY_MS);
      }
      await Promise.all(clicks);
      await over;
      return { clicks: clicks.length, lost };
    },
    async stop(): Promise<void> {
      clearInterval(counting);
      await app.stop();
    },
  };
}
