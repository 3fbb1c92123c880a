import { type App, type Logger, type ReceiverEvent, SocketModeReceiver } from '@slack/bolt';
import { RemoteError } from '../../platform/errors.js';
import { openOwnWay } from '../../platform/proxy.js';
import { reveal, type Secret } from '../../platform/secret.js';
import { withTimeout } from '../../platform/with-timeout.js';
import { observed } from '../client/observed-fetch.js';
import { isWrongToken, toRemoteError, wrongAppToken } from '../client/web/failures.js';
import { ONE_ATTEMPT } from '../client/web/keep-trying.js';

/** Longest wait for Slack's greeting on a new connection, in milliseconds. */
const GREETING_WITHIN_MS = 15_000;

/** Longest wait for Slack's part of the close, in milliseconds. Slack leaves the TCP connection open afterwards. */
const CLOSE_WITHIN_MS = 500;

/** Slack waits three seconds for an acknowledgement. */
const DRAIN_MS = 4_000;

/** Interval of the looks at a connection, in milliseconds. The client hears of a close only when TCP ends. */
const LOOK_EVERY_MS = 100;

/** `readyState` of an open WebSocket. */
const OPEN = 1;

export interface ConnectionSettings {
  appToken: Secret;
  apiUrl?: string;
  logger: Logger;
  /** Longest wait for a pong, in milliseconds. */
  pongWithinMs: number;
}

/** One connection to Slack in Socket Mode. Whatever comes over a connection is acknowledged there, also beside a newer connection. */
export class SocketConnection {
  readonly openedAt = Date.now();
  /** Resolves with the reason once Slack announces the end of this connection, or the connection is gone. */
  readonly ending: Promise<string>;
  /** Resolves once this connection is gone. */
  readonly gone: Promise<void>;
  /** Number of the app's connections that Slack counts, other processes' among them. */
  countBySlack = 1;
  #receiver: SocketModeReceiver;
  #inFlight = new Set<Promise<void>>();
  #announce: (reason: string) => void = () => {};
  #isClosing = false;
  #isGreeted = false;

  constructor(
    app: App,
    readonly settings: ConnectionSettings,
  ) {
    const { appToken, apiUrl, logger, pongWithinMs } = settings;
    const ownWay = openOwnWay();
    this.#receiver = new SocketModeReceiver({
      ...{ appToken: reveal(appToken), logger },
      ...(ownWay && { dispatcher: ownWay.dispatcher }),
      autoReconnectEnabled: false,
      clientPingTimeout: pongWithinMs,
      // Pongs show whether Slack is there, so its own pings may be late.
      serverPingTimeout: 3 * pongWithinMs,
      // A custom receiver doesn't get the app's clientOptions.
      installerOptions: {
        clientOptions: { ...ONE_ATTEMPT, ...observed(), ...(apiUrl && { slackApiUrl: apiUrl }) },
      },
    });
    const processEvent = async (event: ReceiverEvent) => {
      const work = app.processEvent(event);
      this.#inFlight.add(work);
      await work.finally(() => this.#inFlight.delete(work));
    };
    this.#receiver.init(Object.create(app, { processEvent: { value: processEvent } }));
    const { client } = this.#receiver;
    this.ending = new Promise((resolve) => {
      this.#announce = resolve;
    });
    this.gone = new Promise((resolve) => client.once('disconnected', () => resolve()));
    void this.gone.then(() => this.#announce('lost'));
    // The client ends TCP only on ways that it made itself.
    void this.gone.then(() => ownWay?.close());
    // A client that is told to close before it has an address connects all the same.
    client.on('connecting', () => this.#isClosing && setImmediate(() => this.#hangUp()));
    this.#interceptMessages();
  }

  /** Opens the connection. @throws ConfigError for a wrong token, and else RemoteError. */
  async open(): Promise<void> {
    const { client } = this.#receiver;
    const { apiUrl = 'Slack' } = this.settings;
    let host = apiUrl;
    client.once('authenticated', ({ url }: { url: string }) => {
      host = new URL(url).host;
    });
    const fail = (code: string) => {
      const message = `${host} opened no Socket Mode connection (${code})`;
      throw new RemoteError(code, message, { retryable: true });
    };
    try {
      await withTimeout(
        GREETING_WITHIN_MS,
        () => Promise.race([this.ending.then(fail), this.#receiver.start()]),
        () => fail('no greeting'),
      );
    } catch (error) {
      this.close();
      throw isWrongToken(error) ? wrongAppToken(error) : toRemoteError('apps.connections.open', error);
    }
    this.#isGreeted = true;
    const look = setInterval(() => {
      if (!this.#isClosing && client.websocket?.readyState !== OPEN) this.#hangUp();
    }, LOOK_EVERY_MS);
    void this.gone.then(() => clearInterval(look));
  }

  /** True from Slack's greeting on, until the connection is closing. */
  isOpen(): boolean {
    return this.#isGreeted && !this.#isClosing && this.#receiver.client.websocket?.readyState === OPEN;
  }

  /** Waits until everything that came over this connection is acknowledged, or too late for it. */
  async drain(): Promise<void> {
    await withTimeout(
      DRAIN_MS,
      () => Promise.allSettled(this.#inFlight),
      () => undefined,
    );
  }

  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    void this.#receiver.stop();
    setTimeout(() => this.#hangUp(), CLOSE_WITHIN_MS);
  }

  /** Ends TCP, where the client's WebSocket is closing or closed. */
  #hangUp(): void {
    this.#receiver.client.websocket?.disconnect();
  }

  /** The client closes a connection as soon as Slack announces its end, and throws on a message that it doesn't know. */
  #interceptMessages(): void {
    const { client } = this.#receiver;
    const [handle] = client.listeners('ws_message');
    client.removeAllListeners('ws_message');
    client.on('ws_message', async (...parts) => {
      const message = parse(parts[0]);
      if (message.type === 'hello') this.countBySlack = message.num_connections ?? 1;
      try {
        if (message.type === 'disconnect') this.#announce(String(message.reason));
        else if (message.type === 'events_api' && !message.payload?.event) this.#acknowledge(message);
        else await handle?.apply(client, parts);
      } catch (error) {
        this.settings.logger.warn('A message in Socket Mode could not be read', error);
      }
    });
  }

  /** Acknowledges a payload that is about the app and holds no event, such as `app_rate_limited`. */
  #acknowledge({ envelope_id, payload }: Message): void {
    this.settings.logger.warn(`Slack sent ${payload?.type ?? 'a payload'} without an event`);
    this.#receiver.client.websocket?.send(JSON.stringify({ envelope_id }), () => {});
  }
}

interface Message {
  type?: string;
  reason?: string;
  envelope_id?: string;
  num_connections?: number;
  payload?: { type?: string; event?: unknown };
}

/** Reads a message; one without fields where the text is no JSON object. */
function parse(text: unknown): Message {
  try {
    return (JSON.parse(String(text)) as Message | null) ?? {};
  } catch {
    return {};
  }
}
