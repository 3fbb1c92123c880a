import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { signature } from '../../../sandbox/workspace/delivery/http.js';
import { DrainingReceiver } from '../../../src/slack/receiver/draining-receiver.js';
import { HttpReceiver } from '../../../src/slack/receiver/http.js';

const SECRET = 'signing-secret';
const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, setName() {} };

describe('HTTP mode', () => {
  const received: unknown[] = [];
  const logged: string[] = [];
  let server: Server;
  let answered = 0;
  before(async () => {
    const note = (level: string) => () => logged.push(level);
    const logger = {
      ...{ ...quiet, warn: note('warn'), error: note('error') },
      getLevel: () => 'error' as never,
    };
    const receiver = new HttpReceiver({ signingSecret: SECRET, port: 0, logger });
    const processEvent = async ({ body, ack }: { body: { wait?: number }; ack(): Promise<void> }) => {
      received.push(body);
      if (body.wait) await delay(body.wait);
      await ack();
      answered += 1;
    };
    const draining = new DrainingReceiver(receiver, 1_000, logger);
    draining.init({ processEvent } as never);
    server = (await draining.start(0)) as Server;
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

  it('takes an acknowledgement after three seconds for too late and no more: Slack has its answer, and the next request is served', async () => {
    logged.splice(0);
    const before = answered;
    assert.equal((await send('/slack/events', '{"type":"x","wait":3200}', JSON_TYPE)).status, 404);
    await delay(400);
    assert.equal(answered, before + 1, 'the work is done to its end');
    assert.equal((await send('/slack/events', '{"type":"x"}', JSON_TYPE)).status, 200);
    assert.deepEqual(logged, ['warn', 'warn']);
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
