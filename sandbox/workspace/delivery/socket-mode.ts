import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { ACK_WITHIN_MS, type Delivered, type Transport } from './delivery.js';

/** Interval between pings, in milliseconds. The app's client expects one within 30 s. */
const PING_EVERY_MS = 10_000;
/** Source: Slack's "Using Socket Mode", multiple connections. */
const MAX_CONNECTIONS = 10;

/** A connection that Slack counts. A ghost has no socket: its client is gone, and Slack has not noticed. */
interface Connection {
  socket?: WebSocket;
  /** Set after `refresh_requested`: the connection gets nothing new. */
  isOld?: true;
}

interface Waiting {
  sentAt: number;
  connection: Connection;
  isCut?: true;
  done(result: Delivered): void;
}

/** Times of a refresh, in milliseconds. */
export interface RefreshTimes {
  /** From the warning to `refresh_requested`; 0: no warning. @default Slack's ten seconds */
  warningMs?: number;
  /** From `refresh_requested` to the close. */
  closeMs?: number;
}

/** Socket Mode: sends each payload on one of the app's connections. The app acknowledges it by its envelope id. */
export class SocketMode implements Transport {
  /** Delay of each pong, in milliseconds. Slack often takes more than five seconds. Source: bolt-js#2496. */
  pongDelayMs = 0;
  #server = new WebSocketServer({ noServer: true, autoPong: false });
  #tickets = new Set<string>();
  #connections: Connection[] = [];
  #waiting = new Map<string, Waiting>();
  #turn = 0;
  #pinging: NodeJS.Timeout;

  constructor(
    readonly appId: string,
    readonly onConnected: (connected: boolean) => void,
  ) {
    this.#pinging = setInterval(() => {
      for (const { socket } of this.#connections) if (isOpen(socket)) socket.ping();
    }, PING_EVERY_MS);
    this.#pinging.unref();
  }

  /** Makes a ticket for one connection. */
  newTicket(): string {
    const ticket = randomUUID();
    this.#tickets.add(ticket);
    return ticket;
  }

  /** Upgrades a request to a WebSocket. Returns false for an invalid ticket. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer, ticket: string): boolean {
    if (!this.#tickets.delete(ticket)) return false;
    const connection: Connection = {};
    leaveOpen(stream, () => this.#forget(connection));
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#welcome(connection, socket));
    return true;
  }

  connected(): boolean {
    return this.#connections.some(({ socket }) => socket);
  }

  /** Number of connections that Slack counts, ghosts among them. */
  count(): number {
    return this.#connections.length;
  }

  deliver(kind: string, payload: object, retry?: { number: number; reason: string }): Promise<Delivered> {
    const fresh = this.#connections.filter(({ isOld }) => !isOld);
    const takers = fresh.length > 0 ? fresh : this.#connections;
    const taker = takers[this.#turn++ % Math.max(1, takers.length)];
    if (!taker) return Promise.resolve({ ok: false, reason: 'no-app', isCut: true });
    const envelopeId = randomUUID();
    const envelope = {
      envelope_id: envelopeId,
      type: kind,
      payload,
      accepts_response_payload: kind !== 'events_api',
      ...(kind === 'events_api' && { retry_attempt: retry?.number ?? 0, retry_reason: retry?.reason ?? '' }),
    };
    return new Promise((resolve) => {
      const giveUp = () => {
        const cut = this.#waiting.get(envelopeId)?.isCut && ({ isCut: true } as const);
        this.#settle(envelopeId, { ok: false, reason: 'timeout', ...cut });
      };
      // Node runs timers before it reads. If this process was held up, an acknowledgement that came in time is read first.
      const late = setTimeout(() => setImmediate(giveUp), ACK_WITHIN_MS);
      const done = (result: Delivered) => {
        clearTimeout(late);
        resolve(result);
      };
      this.#waiting.set(envelopeId, { sentAt: Date.now(), connection: taker, done });
      taker.socket?.send(JSON.stringify(envelope));
    });
  }

  /**
   * Ends the connections as Slack does every few hours: a warning, then `refresh_requested`, then the close. Acknowledgements that come after the close
   * are lost. Source: Slack's "Using Socket Mode", disconnect; bolt-js#1061.
   */
  async refresh({ warningMs = 10_000, closeMs = 1_000 }: RefreshTimes = {}): Promise<void> {
    const old = this.#connections.filter(({ socket }) => socket);
    const say = (reason: string) => {
      for (const { socket } of old) if (isOpen(socket)) socket.send(disconnect(reason));
    };
    if (warningMs > 0) {
      say('warning');
      await delay(warningMs, undefined, { ref: false });
    }
    for (const connection of old) connection.isOld = true;
    say('refresh_requested');
    await delay(closeMs, undefined, { ref: false });
    for (const { socket } of old) socket?.close(1000);
  }

  /** Closes the connections without a word. */
  hangUp(): void {
    for (const { socket } of this.#connections) socket?.close(1000);
  }

  /** Sends a text as it is, on each connection. */
  sendRaw(text: string): void {
    for (const { socket } of this.#connections) socket?.send(text);
  }

  /** Adds ghosts for so many milliseconds. Their payloads are gone: Slack delivers only events again. Source: python-slack-sdk#1940. */
  addGhosts(count: number, forMs: number): void {
    const ghosts = Array.from({ length: Math.min(count, MAX_CONNECTIONS - this.count()) }, () => ({}));
    this.#connections.push(...ghosts);
    setTimeout(() => {
      for (const ghost of ghosts) this.#forget(ghost);
    }, forMs).unref();
  }

  close(): void {
    clearInterval(this.#pinging);
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #welcome(connection: Connection, socket: WebSocket): void {
    socket.on('error', () => socket.terminate());
    if (this.count() >= MAX_CONNECTIONS) {
      socket.send(disconnect('too_many_websockets'));
      socket.close(1000);
      return;
    }
    connection.socket = socket;
    this.#connections.push(connection);
    const hello = {
      type: 'hello',
      num_connections: this.count(),
      connection_info: { app_id: this.appId },
      debug_info: { host: 'local', approximate_connection_time: 18_060 },
    };
    socket.send(JSON.stringify(hello));
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('ping', (data) => {
      setTimeout(() => isOpen(socket) && socket.pong(data), this.pongDelayMs).unref();
    });
    socket.on('close', () => this.#forget(connection));
    this.onConnected(true);
  }

  #forget(connection: Connection): void {
    if (!this.#connections.includes(connection)) return;
    this.#connections = this.#connections.filter((other) => other !== connection);
    for (const waiting of this.#waiting.values()) if (waiting.connection === connection) waiting.isCut = true;
    this.onConnected(this.connected());
  }

  #receive(text: string): void {
    try {
      const { envelope_id: id, payload } = JSON.parse(text) as { envelope_id?: string; payload?: unknown };
      const waiting = id === undefined ? undefined : this.#waiting.get(id);
      if (!id || !waiting) return;
      const ackMs = Date.now() - waiting.sentAt;
      this.#settle(id, { ok: true, ackMs, ...(payload !== undefined && { body: payload }) });
    } catch {
      // A message that isn't JSON acknowledges nothing.
    }
  }

  #settle(id: string, result: Delivered): void {
    this.#waiting.get(id)?.done(result);
    this.#waiting.delete(id);
  }
}

function disconnect(reason: string): string {
  return JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'local' } });
}

function isOpen(socket: WebSocket | undefined): socket is WebSocket {
  return socket?.readyState === WebSocket.OPEN;
}

/**
 * Leaves the TCP connection open after the WebSocket's close handshake, until the client ends it, as Slack does. `onClosed` is called after the handshake.
 * Source: node-slack-sdk, socket-mode 3.2.0.
 */
function leaveOpen(stream: Duplex, onClosed: () => void): void {
  const end = stream.end.bind(stream);
  let isEndedByClient = false;
  stream.once('end', () => {
    isEndedByClient = true;
  });
  stream.end = () => {
    onClosed();
    return isEndedByClient ? end() : stream;
  };
}
