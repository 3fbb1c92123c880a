import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { signature } from '../../../sandbox/workspace/delivery/http.js';
import { HttpReceiver } from '../../../src/slack/receiver/http.js';

const SECRET = 'signing-secret';
const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, setName() {} };

describe('HTTP mode', () => {
  const received: unknown[] = [];
  let server: Server;
  before(async () => {
    const logger = { ...quiet, getLevel: () => 'error' as never };
    const receiver = new HttpReceiver({ signingSecret: SECRET, logger });
    const processEvent = async ({ body, ack }: { body: unknown; ack(): Promise<void> }) => {
      received.push(body);
      await ack();
    };
    receiver.init({ processEvent } as never);
    server = await receiver.start(0);
  });
  after(() => server.close());

  const send = (path: string, body: string, type: string) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, ...signature(SECRET, body) },
    });
  const JSON_TYPE = 'application/json';

  it('goes on after any body that is signed', async () => {
    const form = new URLSearchParams({ payload: 'null' }).toString();
    const odd = await Promise.all([
      send('/slack/events', 'null', JSON_TYPE),
      send('/slack/events', ' null\n', JSON_TYPE),
      send('/slack/events', form, 'application/x-www-form-urlencoded'),
      send('/slack/events', '{', JSON_TYPE),
    ]);
    assert.deepEqual(
      odd.map(({ status }) => status),
      [400, 400, 400, 400],
    );
    const bare = await Promise.all(
      ['[]', '7', '"text"', '{"event":null}'].map((body) => send('/slack/events', body, JSON_TYPE)),
    );
    assert.ok(bare.every(({ status }) => status === 200));
    assert.equal((await send('/slack/events', '{"type":"event_callback"}', JSON_TYPE)).status, 200);
    assert.deepEqual(received.at(-1), { type: 'event_callback' });
  });

  it('answers another path, a bad signature and a body that is too large as Bolt does', async () => {
    assert.equal((await send('/elsewhere', '{}', JSON_TYPE)).status, 404);
    const unsigned = { method: 'POST', body: '{}', headers: { 'content-type': JSON_TYPE } };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
    assert.equal((await fetch(url, unsigned)).status, 401);
    const large = await send('/slack/events', JSON.stringify('x'.repeat(5_000_000)), JSON_TYPE).catch(
      () => undefined,
    );
    assert.ok(large === undefined || large.status === 413);
  });
});
