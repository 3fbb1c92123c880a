import {
  App,
  type CodedError,
  HTTPReceiver,
  type Logger,
  type Receiver,
  type ReceiverEvent,
  SocketModeReceiver,
} from '@slack/bolt';
import { ConfigError } from '../../errors.js';
import { isWrongToken, wrongAppToken } from '../client/failures.js';
import type { ListenerContext } from '../listeners/context.js';
import { registerListeners } from '../listeners/index.js';
import type { Identity } from '../permissions/identity.js';
import { acknowledgeLate, isLate } from './late-events.js';

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
  /** Told when Slack won't have the app back after a lost connection: its token was revoked meanwhile. */
  onFatal(error: Error): void;
}

export interface SlackApp {
  start(): Promise<void>;
  /** Lets the listeners in flight answer, then takes no more. */
  stop(): Promise<void>;
}

/**
 * The pause before a reconnect, in milliseconds: Bolt's own 5 s would be a gap of 5 s at each of Slack's routine
 * reconnects. It is the deadline for a pong too, so it must outlast a moment in which the process is busy.
 */
const RECONNECT_MS = 2_000;

/** A listener answers within Slack's 3 s, so a drain waits little longer. */
const DRAIN_MS = 4_000;

/** A call that a listener makes can't wait long: a `trigger_id` lives 3 s. */
const LISTENER_CALL = {
  timeout: 2_500,
  retryConfig: { retries: 1, minTimeout: 100 },
  rejectRateLimitedCalls: true,
};

export function createApp(settings: AppSettings, context: ListenerContext): SlackApp {
  const { botToken, mode, apiUrl, identity, logger } = settings;
  let stopping = false;
  const receiver =
    mode.kind === 'socket'
      ? socketReceiver(settings, mode.appToken, () => stopping)
      : httpReceiver(settings, mode);
  const app = new App({
    token: botToken,
    botId: identity.botId,
    botUserId: identity.botUserId,
    receiver,
    logger,
    tokenVerificationEnabled: false,
    extendedErrorHandler: true,
    clientOptions: { ...LISTENER_CALL, ...(apiUrl && { slackApiUrl: apiUrl }) },
  });
  acknowledgeLate(app);
  const inFlight = trackEvents(app);
  app.error(async ({ error, body }: Pick<ReceiverEvent, 'body'> & { error: CodedError }) => {
    context.log.error({ err: error.original ?? error }, 'A listener failed');
    if (isLate(body)) throw error;
  });
  registerListeners(app, context);

  return {
    async start() {
      if (mode.kind === 'socket') await app.start();
      else await listen(app, mode.port);
    },
    async stop() {
      const deadline = new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref());
      await Promise.race([Promise.allSettled(inFlight), deadline]);
      stopping = true;
      await app.stop();
    },
  };
}

/** What came from Slack and is being answered just now. */
function trackEvents(app: App): ReadonlySet<Promise<void>> {
  const inFlight = new Set<Promise<void>>();
  const process = app.processEvent.bind(app);
  app.processEvent = async (event) => {
    const work = process(event);
    inFlight.add(work);
    try {
      await work;
    } finally {
      inFlight.delete(work);
    }
  };
  return inFlight;
}

async function listen(app: App, port: number): Promise<void> {
  try {
    await app.start(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new ConfigError('PORT', `PORT: ${port} is in use. End what listens there, or set another.`, {
      cause: error,
    });
  }
}

function httpReceiver({ logger }: AppSettings, mode: Extract<SlackMode, { kind: 'http' }>): Receiver {
  return new HTTPReceiver({ signingSecret: mode.signingSecret, port: mode.port, logger });
}

function socketReceiver(
  { apiUrl, logger, onFatal }: AppSettings,
  appToken: string,
  isStopping: () => boolean,
): Receiver {
  const receiver = new SocketModeReceiver({
    appToken,
    logger,
    clientPingTimeout: RECONNECT_MS,
    // A receiver of one's own doesn't get the app's clientOptions.
    installerOptions: { clientOptions: apiUrl ? { slackApiUrl: apiUrl } : {} },
  });
  const { client } = receiver;
  const connect = client.start.bind(client);
  let connected = false;
  client.start = async () => {
    while (!isStopping()) {
      try {
        const answer = await connect();
        connected = true;
        return answer;
      } catch (error) {
        const fatal = isWrongToken(error) ? wrongAppToken(error) : undefined;
        if (!connected) throw fatal ?? error;
        // A reconnect has no caller that could catch this.
        if (fatal) onFatal(fatal);
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }
    return { ok: true };
  };
  return receiver;
}
