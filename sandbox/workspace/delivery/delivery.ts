import type { Fields } from '../validation/problems.js';

export type PayloadKind = 'slash_commands' | 'interactive' | 'events_api';

/** Result of a delivery to the app. `body`: content of the acknowledgement. */
export type Delivered =
  | { ok: true; body?: unknown; ackMs: number }
  /** `isCut`: the connection ended before the app acknowledged, or there was none. */
  | { ok: false; reason: 'no-app' | 'timeout' | 'failed'; isCut?: true };

/** A connection to the app: Socket Mode or signed HTTP. */
export interface Transport {
  deliver(kind: PayloadKind, payload: Fields, retry?: { number: number; reason: string }): Promise<Delivered>;
  connected(): boolean;
  close(): void;
}

/** Time in which an app must acknowledge, in milliseconds. Source: Slack's "Handling user interaction". */
export const ACK_WITHIN_MS = 3_000;
