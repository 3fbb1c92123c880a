import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Actor, Done } from './actor.js';
import type { PageEvent, PageRequest, Snapshot } from './protocol.js';
import type { WorkspaceState } from './state.js';
import type { Fields } from './validation/problems.js';
import type { WhatIfs } from './what-if.js';

export interface PageWorld {
  state: WorkspaceState;
  snapshot(): Snapshot;
  as(user: string): Actor;
  whatIfs: WhatIfs;
}

/** The page's WebSocket: it gets a snapshot and every change, and sends people's actions. */
export class PageSocket {
  #server = new WebSocketServer({ noServer: true, maxPayload: 1_000_000, perMessageDeflate: true });

  constructor(readonly world: PageWorld) {
    world.state.events.on('change', (event) => {
      for (const socket of this.#server.clients) tell(socket, event);
    });
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => {
      tell(socket, { type: 'snapshot', snapshot: this.world.snapshot() });
      socket.on('error', () => socket.terminate());
      socket.on('message', (data) => this.#receive(socket, String(data)));
    });
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  async #receive(socket: WebSocket, text: string): Promise<void> {
    let id = 0;
    try {
      const request = JSON.parse(text) as PageRequest;
      id = request.id;
      const { channel, ...done } = await this.#do(request);
      tell(socket, { type: 'answer', id, ...done, ...(channel && { channel }) } as PageEvent);
    } catch (error) {
      tell(socket, {
        type: 'answer',
        id,
        ok: false,
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async #do(request: PageRequest): Promise<Done & { channel?: string }> {
    const { state } = this.world;
    const actor = this.world.as(request.as);
    switch (request.type) {
      case 'send':
        await actor.write(request.channel, request.text, request.threadTs, request.files);
        return { ok: true };
      case 'command':
        return await actor.command(request.channel, request.command, request.text, {
          ...(request.threadTs && { threadTs: request.threadTs }),
        });
      case 'action': {
        const { container, actionId, blockId } = request;
        const chosen = (request.element ?? {}) as Fields;
        const options = { values: request.state as never, blockId, chosen };
        if (container.type === 'message') return await actor.click(container, actionId, options);
        return await actor.clickInView(container.viewId, actionId, options);
      }
      case 'submit':
        return await actor.submit(request.viewId, request.state as never);
      case 'close':
        await actor.closeView(request.viewId);
        return { ok: true };
      case 'whatIf':
        this.world.whatIfs[request.fault]?.();
        return { ok: true };
      case 'setAway':
        state.presenceChanged(request.as, request.isAway);
        return { ok: true };
      case 'openHome':
        await actor.openHome();
        return { ok: true };
      case 'openMessages':
        return { ok: true, channel: await actor.openMessages() };
      case 'stopSession':
        return await actor.stopSession(request.channel, request.thread);
      case 'openDm':
        return { ok: true, channel: state.directMessage([request.as, request.user]).id };
      case 'markRead':
        state.markRead(request.as, request.channel, request.ts);
        return { ok: true };
      case 'react':
        react(state, request);
        return { ok: true };
    }
  }
}

function react(state: WorkspaceState, request: Extract<PageRequest, { type: 'react' }>): void {
  const message = state.message(request.channel, request.ts);
  if (!message) return;
  const others = message.reactions.filter(({ name }) => name !== request.name);
  const users = message.reactions.find(({ name }) => name === request.name)?.users ?? [];
  const without = users.filter((user) => user !== request.as);
  const now = request.remove ? without : [...without, request.as];
  message.reactions = now.length > 0 ? [...others, { name: request.name, users: now }] : others;
  state.messageChanged(message);
}

function tell(socket: WebSocket, event: PageEvent): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(event));
}
