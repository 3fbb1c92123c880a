import { createHmac } from 'node:crypto';
import type { Fields } from '../validation/problems.js';
import { ACK_WITHIN_MS, type Delivered, type PayloadKind, type Transport } from './delivery.js';

/** HTTP mode: posts each payload, signed, to the app's address. Source: Slack's "Verifying requests from Slack". */
export class HttpDelivery implements Transport {
  constructor(
    readonly eventsUrl: string,
    readonly signingSecret: string,
  ) {}

  connected(): boolean {
    return this.eventsUrl !== '';
  }

  async deliver(
    kind: PayloadKind,
    payload: Fields,
    retry?: { number: number; reason: string },
  ): Promise<Delivered> {
    const json = kind === 'events_api';
    const body = json ? JSON.stringify(payload) : form(kind, payload);
    const sentAt = Date.now();
    try {
      const response = await fetch(this.eventsUrl, {
        method: 'POST',
        body,
        headers: {
          'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
          ...signature(this.signingSecret, body),
          ...(retry && { 'x-slack-retry-num': String(retry.number), 'x-slack-retry-reason': retry.reason }),
        },
        signal: AbortSignal.timeout(ACK_WITHIN_MS),
      });
      const text = await response.text();
      if (!response.ok) return { ok: false, reason: 'failed' };
      return { ok: true, ackMs: Date.now() - sentAt, ...(text !== '' && { body: parsed(text) }) };
    } catch (error) {
      const late = error instanceof Error && error.name === 'TimeoutError';
      return { ok: false, reason: late ? 'timeout' : 'no-app' };
    }
  }

  close(): void {}
}

/** Headers that prove the sender of a body. `at` is in seconds. */
export function signature(
  secret: string,
  body: string,
  at = Math.floor(Date.now() / 1000),
): Record<string, string> {
  const mac = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': String(at), 'x-slack-signature': `v0=${mac}` };
}

function form(kind: PayloadKind, payload: Fields): string {
  const fields =
    kind === 'interactive' ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>);
  return new URLSearchParams(fields).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
