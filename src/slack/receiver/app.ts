import { App, type CodedError, type Logger, type ReceiverEvent } from '@slack/bolt';
import { ConfigError } from '../../platform/errors.js';
import type { ListenerContext } from '../listeners/context.js';
import { registerListeners } from '../listeners/index.js';
import type { Identity } from '../permissions/identity.js';
import { DrainingReceiver, isLateEvent } from './draining-receiver.js';
import { HttpReceiver } from './http.js';
import { ReconnectingReceiver } from './socket-mode.js';

/** Way in which Slack reaches the app. */
export type SlackMode =
  | { kind: 'socket'; appToken: string }
  | { kind: 'http'; signingSecret: string; port: number };

export interface AppSettings {
  botToken: string;
  mode: SlackMode;
  apiUrl?: string;
  identity: Identity;
  logger: Logger;
  /** Called when Slack refuses a reconnect because the app's token was revoked. */
  onFatal(error: Error): void;
}

export type SlackApp = ReturnType<typeof createApp>;

/** Longest wait for listeners at a stop, in milliseconds. A listener answers within Slack's 3 s. */
const DRAIN_MS = 4_000;

/** Options for a listener's calls, which must be fast: a `trigger_id` lives 3 s. */
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
      : new HttpReceiver({ signingSecret: mode.signingSecret, port: mode.port, logger });
  const app = new App({
    token: botToken,
    botId: identity.botId,
    botUserId: identity.botUserId,
    receiver: new DrainingReceiver(receiver, DRAIN_MS, logger),
    logger,
    tokenVerificationEnabled: false,
    extendedErrorHandler: true,
    clientOptions: { ...LISTENER_CALL, ...(apiUrl && { slackApiUrl: apiUrl }) },
  });
  app.error(async ({ error, body }: Pick<ReceiverEvent, 'body'> & { error: CodedError }) => {
    context.log.error({ err: error.original ?? error }, 'A listener failed');
    // The error keeps the receiver from acknowledging the event.
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
        const message = `PORT: ${mode.port} is in use. Stop the process that uses it, or set another port.`;
        throw new ConfigError('PORT', message, { cause: error });
      }
    },
    /** True while Slack can reach the app: a Socket Mode connection is open, or the port listens. */
    isConnected: () => receiver.isConnected(),
    /** Waits for the listeners in flight, then stops receiving. */
    stop: () => app.stop(),
  };
}
