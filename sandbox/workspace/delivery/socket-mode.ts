import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { ACK_WITHIN_MS, type Delivered, type Transport } from './delivery.js';

/** Interval between pings, in milliseconds. The app's client expects one within 30 s. */
const PING_EVERY_MS = 10_000;
const MAX_CONNECTIONS = 10;

export type DisconnectReason = 'refresh_requested' | 'warning' | 'link_disabled';

interface Waiting {
  socket: WebSocket;
  sentAt: number;
  done(result: Delivered): void;
}

/** Socket Mode: sends each payload on one of the app's connections. The app acknowledges it by its envelope id. */
export class SocketMode implements Transport {
  #server = new WebSocketServer({ noServer: true });
  #tickets = new Set<string>();
  #sockets: WebSocket[] = [];
  #waiting = new Map<string, Waiting>();
  #turn = 0;
  #pinging: NodeJS.Timeout;

  constructor(
    readonly appId: string,
    readonly onConnected: (connected: boolean) => void,
  ) {
    this.#pinging = setInterval(() => {
      for (const socket of this.#sockets) socket.ping();
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
    if (!this.#tickets.delete(ticket) || this.#sockets.length >= MAX_CONNECTIONS) return false;
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#welcome(socket));
    return true;
  }

  connected(): boolean {
    return this.#sockets.length > 0;
  }

  deliver(kind: string, payload: object, retry?: { number: number; reason: string }): Promise<Delivered> {
    const socket = this.#sockets[this.#turn++ % Math.max(1, this.#sockets.length)];
    if (!socket) return Promise.resolve({ ok: false, reason: 'no-app' });
    const envelopeId = randomUUID();
    const envelope = {
      envelope_id: envelopeId,
      type: kind,
      payload,
      accepts_response_payload: kind !== 'events_api',
      ...(kind === 'events_api' && { retry_attempt: retry?.number ?? 0, retry_reason: retry?.reason ?? '' }),
    };
    return new Promise((resolve) => {
      const late = setTimeout(
        () => this.#settle(envelopeId, { ok: false, reason: 'timeout' }),
        ACK_WITHIN_MS,
      );
      const done = (result: Delivered) => {
        clearTimeout(late);
        resolve(result);
      };
      this.#waiting.set(envelopeId, { socket, sentAt: Date.now(), done });
      socket.send(JSON.stringify(envelope));
    });
  }

  /** Asks the app to reconnect, as Slack does every few hours. */
  reconnect(reason: DisconnectReason): void {
    for (const socket of this.#sockets) {
      socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'local' } }));
      if (reason !== 'warning') socket.close(1000);
    }
  }

  close(): void {
    clearInterval(this.#pinging);
    for (const socket of this.#sockets) socket.terminate();
    this.#server.close();
  }

  #welcome(socket: WebSocket): void {
    this.#sockets.push(socket);
    const hello = {
      type: 'hello',
      num_connections: this.#sockets.length,
      connection_info: { app_id: this.appId },
      debug_info: { host: 'local', approximate_connection_time: 18_060 },
    };
    socket.send(JSON.stringify(hello));
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#sockets = this.#sockets.filter((other) => other !== socket);
      this.onConnected(this.connected());
    });
    this.onConnected(true);
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
