import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, SocketModeReceiver } from '@slack/bolt';
import { isWrongToken, wrongAppToken } from '../client/failures.js';

/**
 * The pause before a reconnect, in milliseconds: Bolt's own 5 s would be a gap of 5 s at each of Slack's routine
 * reconnects. It is the deadline for a pong too, so it must outlast a moment in which the process is busy.
 */
const RECONNECT_MS = 2_000;

interface SocketModeSettings {
  appToken: string;
  apiUrl?: string;
  logger: Logger;
  /** Told when Slack refuses a reconnect, because the token was revoked meanwhile. */
  onFatal(error: Error): void;
}

/** Receives in Socket Mode, and tries to reconnect until it is stopped. */
export class ReconnectingReceiver extends SocketModeReceiver {
  #isStopping = false;

  constructor({ appToken, apiUrl, logger, onFatal }: SocketModeSettings) {
    // A receiver of one's own doesn't get the app's clientOptions.
    const installerOptions = { clientOptions: apiUrl ? { slackApiUrl: apiUrl } : {} };
    super({ appToken, logger, clientPingTimeout: RECONNECT_MS, installerOptions });
    const connect = this.client.start.bind(this.client);
    let isConnected = false;
    // The client calls its own `start` at each reconnect, where nobody catches an error.
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

  override async stop(): Promise<void> {
    this.#isStopping = true;
    await super.stop();
  }
}
