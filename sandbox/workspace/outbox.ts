import { once } from 'node:events';
import type { Delivered, Transport } from './delivery/delivery.js';
import type { QueuedCommand } from './protocol.js';
import type { WorkspaceState } from './state.js';

/**
 * Keeps what people do until the app is connected. Slack itself tells them to try again. In the sandbox the app starts after its page, and
 * people kill it. Unless it is `enabled`, everything is delivered at once.
 */
export class Outbox {
  constructor(
    readonly state: WorkspaceState,
    readonly transport: () => Transport,
    readonly closed: AbortSignal,
    readonly enabled: boolean,
  ) {}

  /** True while there is no app to deliver to. */
  mustWait(): boolean {
    return this.enabled && !this.transport().connected();
  }

  /** Resolves once an app is connected. Rejects when the workspace closes. */
  async appConnected(): Promise<void> {
    while (this.mustWait()) await once(this.state.events, 'change', { signal: this.closed });
  }

  /**
   * Delivers once an app is connected, and again after a connection that ended without an acknowledgement. `send` makes a payload for each
   * attempt, because a `trigger_id` gets old; it returns undefined when nothing is left to deliver.
   */
  async deliver(send: () => Promise<Delivered> | undefined): Promise<Delivered | undefined> {
    for (;;) {
      await this.appConnected();
      const result = await send();
      if (!result || result.ok || !result.isCut || !this.enabled) return result;
    }
  }

  /** Keeps a command on record while its delivery waits. A command that waits when the workspace closes is delivered after the next start. */
  async keep<T>(command: Omit<QueuedCommand, 'id'>, deliver: () => Promise<T>): Promise<T> {
    if (!this.enabled) return deliver();
    const { state, closed } = this;
    const id = state.newId('Q');
    const isQueued = () => state.data.queued.some((other) => other.id === id);
    const enqueue = () => {
      if (this.mustWait() && !isQueued()) state.queueChanged([...state.data.queued, { id, ...command }]);
    };
    enqueue();
    state.events.on('change', enqueue);
    let isDelivered = false;
    try {
      const done = await deliver();
      isDelivered = true;
      return done;
    } finally {
      state.events.off('change', enqueue);
      const isOver = isDelivered || !closed.aborted;
      if (isOver && isQueued()) state.queueChanged(state.data.queued.filter((other) => other.id !== id));
    }
  }
}
