import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, SocketModeReceiver } from '@slack/bolt';
import { isWrongToken, wrongAppToken } from '../client/failures.js';

/**
 * Pause before a reconnect, in milliseconds. Slack reconnects routinely, and Bolt's default would leave gaps of 5 s. The value is also
 * the deadline for a pong, so it must tolerate a busy process.
 */
const RECONNECT_MS = 2_000;

interface SocketModeSettings {
  appToken: string;
  apiUrl?: string;
  logger: Logger;
  /** Called when Slack refuses a reconnect because the token was revoked. */
  onFatal(error: Error): void;
}

/** Receives in Socket Mode, and reconnects until it is stopped. */
export class ReconnectingReceiver extends SocketModeReceiver {
  #isStopping = false;

  constructor({ appToken, apiUrl, logger, onFatal }: SocketModeSettings) {
    // A custom receiver doesn't get the app's clientOptions.
    const installerOptions = { clientOptions: apiUrl ? { slackApiUrl: apiUrl } : {} };
    super({ appToken, logger, clientPingTimeout: RECONNECT_MS, installerOptions });
    this.#surviveAnyMessage(logger);
    const connect = this.client.start.bind(this.client);
    let isConnected = false;
    // The client calls its own `start` at each reconnect and catches no error.
    this.client.start = async () => {
      while (!this.#isStopping) {
        try {
          const answer = await connect();
          isConnected = true;
          return answer;
        } catch (error) {
          const fatal = isWrongToken(error) ? wrongAppToken(error) : undefined;
          if (!isConnected) throw fatal ?? error;
          if (fatal) onFatal(fatal);
          await delay(RECONNECT_MS);
        }
      }
      return { ok: true };
    };
  }

  /** Slack's client awaits nothing that its handler of messages returns. A message that isn't Slack's would end the process. */
  #surviveAnyMessage(logger: Logger): void {
    const [handler] = this.client.listeners('ws_message');
    if (!handler) return;
    this.client.off('ws_message', handler);
    this.client.on('ws_message', async (...message) => {
      try {
        await handler.apply(this.client, message);
      } catch (error) {
        logger.warn('A message in Socket Mode could not be read', error);
      }
    });
  }

  override async stop(): Promise<void> {
    this.#isStopping = true;
    await super.stop();
  }
}
