import { boltLogger } from '../platform/log.js';
import { reveal } from '../platform/secret.js';
import type { ListenerContext } from '../slack/listeners/context.js';
import { findOtherApp } from '../slack/permissions/identity.js';
import { createApp } from '../slack/receiver/app.js';
import { shortIdOf } from '../temporal/ids.js';
import type { Shared } from './shared.js';
import type { Stops } from './stops.js';

/** Receives from Slack. `failed` rejects when Slack refuses a reconnect. */
export async function startBot(
  { config, identity, log, useCases }: Shared,
  parts: Pick<ListenerContext, 'tools' | 'toolProblems' | 'homeOpened' | 'channelChanged'>,
  stops: Stops,
): Promise<{ isConnected(): boolean; failed: Promise<never> }> {
  const { mode, ...slack } = config.slack;
  if (!mode) throw new Error('Only a bot has a way to Slack');
  const otherApp = mode.kind === 'socket' && findOtherApp(reveal(mode.appToken), identity.app);
  if (otherApp) log.warn(otherApp);
  let onFatal: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    onFatal = reject;
  });
  const app = createApp(
    { ...slack, mode, identity, logger: boltLogger(log), onFatal },
    { ...useCases, shortIdOf, ...parts },
  );
  await app.start();
  stops.add(app.stop);
  return { isConnected: app.isConnected, failed };
}
