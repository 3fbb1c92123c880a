import { setTimeout as delay } from 'node:timers/promises';
import type { App, Receiver } from '@slack/bolt';
import { ConfigError } from '../../platform/errors.js';
import { setGauge } from '../../telemetry/metrics.js';
import { toRemoteError } from '../client/web/failures.js';
import { keepTrying, nextPause } from '../client/web/keep-trying.js';
import { type ConnectionSettings, SocketConnection } from './socket-connection.js';

/** Slack often answers a ping after more than five seconds. Source: bolt-js#2496, and its fix. */
const PONG_WITHIN_MS = 20_000;

/** Slack ends a connection about ten seconds after its warning. Source: Slack's "Using Socket Mode". */
const OVERLAP_MS = 15_000;

/** Slack takes ten connections of an app. */
const MANY_CONNECTIONS = 5;

interface SocketModeSettings extends Omit<ConnectionSettings, 'pongWithinMs'> {
  /** Called when Slack refuses a reconnect because the token was revoked. */
  onFatal(error: Error): void;
  /** Longest wait for a pong, in milliseconds. @default 20 s */
  pongWithinMs?: number;
  /** Shortest time from one connection to the next, in milliseconds. @default 1 s */
  reconnectAfterMs?: number;
  /** Longest time that a connection stays open beside its successor, in milliseconds. @default 15 s */
  overlapMs?: number;
  /** Longest time that a start waits for Slack, in milliseconds. @default one minute */
  patienceMs?: number;
}

/**
 * Receives in Socket Mode until it is stopped. Slack replaces each connection after some hours and delivers no click twice. So the next
 * connection is opened before the old one ends, and the old one stays until Slack closes it. There are never more than two.
 */
export class ReconnectingReceiver implements Receiver {
  #app: App | undefined;
  #connections = new Set<SocketConnection>();
  /** Those that Slack has greeted. */
  #live = new Set<SocketConnection>();
  #stop = new AbortController();
  /** Ends the overlap of two connections early. */
  #hurry = new AbortController();
  #retired: Promise<void> = Promise.resolve();

  constructor(readonly settings: SocketModeSettings) {}

  init(app: App): void {
    this.#app = app;
  }

  /** Opens the first connection. @throws ConfigError for a wrong token, and when Slack stays out of reach. */
  async start(): Promise<void> {
    const { apiUrl = 'https://slack.com/api/', patienceMs } = this.settings;
    const attempts = {
      method: 'apps.connections.open',
      address: apiUrl,
      ...(patienceMs !== undefined && { patienceMs }),
    };
    this.#keep(await keepTrying(attempts, () => this.#open()));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const connection of this.#connections) connection.close();
  }

  isConnected(): boolean {
    return [...this.#connections].some((connection) => connection.isOpen());
  }

  async #open(): Promise<SocketConnection> {
    const { pongWithinMs = PONG_WITHIN_MS, logger } = this.settings;
    if (!this.#app) throw new Error('The receiver has no app');
    const connection = new SocketConnection(this.#app, { ...this.settings, pongWithinMs });
    this.#connections.add(connection);
    void connection.gone.then(() => {
      this.#connections.delete(connection);
      this.#live.delete(connection);
      setGauge('countersign.slack.connected', this.#live.size > 0 ? 1 : 0);
    });
    await connection.open();
    this.#live.add(connection);
    setGauge('countersign.slack.connected', 1);
    if (this.#stop.signal.aborted) connection.close();
    if (connection.countBySlack >= MANY_CONNECTIONS) logger.warn(tooMany(connection.countBySlack));
    return connection;
  }

  #keep(connection: SocketConnection): void {
    void connection.ending.then((reason) => this.#replace(connection, reason));
  }

  async #replace(old: SocketConnection, reason: string): Promise<void> {
    this.settings.logger.info(`Slack ends a connection (${reason})`);
    this.#hurry.abort();
    await this.#retired;
    const next = await this.#openNext(old);
    if (!next) return;
    this.#hurry = new AbortController();
    this.#retired = this.#retire(old, this.#hurry.signal);
    this.#keep(next);
  }

  /** Opens a connection, however often it takes. Undefined after a stop, and where the token was revoked. */
  async #openNext(old: SocketConnection): Promise<SocketConnection | undefined> {
    const { reconnectAfterMs = 1_000, logger, onFatal } = this.settings;
    const { signal } = this.#stop;
    let pauseMs = Math.max(0, old.openedAt + reconnectAfterMs - Date.now());
    while (!signal.aborted) {
      await delay(pauseMs, undefined, { signal }).catch(() => 'stopped');
      if (signal.aborted) break;
      try {
        return await this.#open();
      } catch (error) {
        if (error instanceof ConfigError) {
          onFatal(error);
          break;
        }
        const failure = toRemoteError('apps.connections.open', error);
        logger.warn(`No connection to Slack, which is tried again: ${failure.message}`);
        pauseMs = Math.max(failure.retryAfterMs ?? 0, nextPause(pauseMs));
      }
    }
    return undefined;
  }

  /** Closes a connection that has a successor. A close of ours drops what is on its way, so Slack's comes first. */
  async #retire(old: SocketConnection, hurry: AbortSignal): Promise<void> {
    const { overlapMs = OVERLAP_MS } = this.settings;
    const signal = AbortSignal.any([hurry, this.#stop.signal]);
    const overlap = delay(overlapMs, undefined, { signal }).catch(() => 'hurried');
    await Promise.race([old.gone, overlap]);
    await old.drain();
    old.close();
  }
}

function tooMany(count: number): string {
  const counted = `Slack counts ${count} connections of this app, and takes ten.`;
  return `${counted} Unless other processes of the service have them, they are dead, and clicks that go there are lost: Slack forgets them after a while.`;
}
