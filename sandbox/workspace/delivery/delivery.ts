import type { Fields } from '../validation/problems.js';

export type PayloadKind = 'slash_commands' | 'interactive' | 'events_api';

/** What came of bringing a payload to the app. `body` is what the acknowledgement carried. */
export type Delivered =
  | { ok: true; body?: unknown; ackMs: number }
  | { ok: false; reason: 'no-app' | 'timeout' | 'failed' };

/** A way to the app: Socket Mode or signed HTTP. */
export interface Transport {
  deliver(kind: PayloadKind, payload: Fields, retry?: { number: number; reason: string }): Promise<Delivered>;
  connected(): boolean;
  close(): void;
}

/** An app must acknowledge within this time, in milliseconds. Source: Slack's "Handling user interaction". */
export const ACK_WITHIN_MS = 3_000;
