import { App, type CodedError, HTTPReceiver, type Logger, type ReceiverEvent } from '@slack/bolt';
import { ConfigError } from '../../platform/errors.js';
import type { ListenerContext } from '../listeners/context.js';
import { registerListeners } from '../listeners/index.js';
import type { Identity } from '../permissions/identity.js';
import { DrainingReceiver, isLateEvent } from './draining-receiver.js';
import { ReconnectingReceiver } from './socket-mode.js';

/** How Slack reaches the app. */
export type SlackMode =
  | { kind: 'socket'; appToken: string }
  | { kind: 'http'; signingSecret: string; port: number };

export interface AppSettings {
  botToken: string;
  mode: SlackMode;
  apiUrl?: string;
  identity: Identity;
  logger: Logger;
  /** Told when Slack refuses a reconnect, because the app's token was revoked meanwhile. */
  onFatal(error: Error): void;
}

export type SlackApp = ReturnType<typeof createApp>;

/** A listener answers within Slack's 3 s, so a drain waits little longer. */
const DRAIN_MS = 4_000;

/** A call that a listener makes can't wait long: a `trigger_id` lives 3 s. */
const LISTENER_CALL = {
  timeout: 2_500,
  retryConfig: { retries: 1, minTimeout: 100 },
  rejectRateLimitedCalls: true,
};

export function createApp(settings: AppSettings, context: ListenerContext) {
  const { botToken, mode, apiUrl, identity, logger } = settings;
  const receiver =
    mode.kind === 'socket'
      ? new ReconnectingReceiver({ ...settings, appToken: mode.appToken })
      : new HTTPReceiver({ signingSecret: mode.signingSecret, port: mode.port, logger });
  const app = new App({
    token: botToken,
    botId: identity.botId,
    botUserId: identity.botUserId,
    receiver: new DrainingReceiver(receiver, DRAIN_MS),
    logger,
    tokenVerificationEnabled: false,
    extendedErrorHandler: true,
    clientOptions: { ...LISTENER_CALL, ...(apiUrl && { slackApiUrl: apiUrl }) },
  });
  app.error(async ({ error, body }: Pick<ReceiverEvent, 'body'> & { error: CodedError }) => {
    context.log.error({ err: error.original ?? error }, 'A listener failed');
    // Then the receiver doesn't acknowledge the event.
    if (isLateEvent(body)) throw error;
  });
  registerListeners(app, context);

  return {
    async start(): Promise<void> {
      try {
        await app.start();
      } catch (error) {
        const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
        if (!isTaken || mode.kind !== 'http') throw error;
        const message = `PORT: ${mode.port} is in use. End what listens there, or set another.`;
        throw new ConfigError('PORT', message, { cause: error });
      }
    },
    /** Lets the listeners in flight answer, then takes no more. */
    stop: () => app.stop(),
  };
}
