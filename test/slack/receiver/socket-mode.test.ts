import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ReconnectingReceiver } from '../../../src/slack/receiver/socket-mode.js';

describe('Socket Mode', () => {
  it('goes on after any message on its connection', async () => {
    const warned: unknown[] = [];
    const logger = {
      ...{ debug() {}, info() {}, error() {}, setLevel() {}, setName() {}, getLevel: () => 'error' as never },
      warn: (...parts: unknown[]) => warned.push(parts),
    };
    const receiver = new ReconnectingReceiver({ appToken: 'xapp-1', logger, onFatal() {} });
    const events = [
      'null',
      '{"type":"events_api"}',
      '{"type":"events_api","payload":{"event":null}}',
      '{"type":"error"}',
      '{',
    ];
    for (const text of events) receiver.client.emit('ws_message', text, false);
    await delay(20);
    assert.ok(warned.length >= 3);
    assert.ok(receiver.client.listenerCount('ws_message') === 1);
  });
});
