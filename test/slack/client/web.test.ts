import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, it } from 'node:test';
import { createWebClient } from '../../../src/slack/client/web/web.js';
import { later } from '../../support/later.js';

/** More calls than the client's queue lets through at once by default. */
const CALLS = 150;

it('sends each call at once, also while many others wait for Slack', { timeout: 9_000 }, async () => {
  const waiting: ServerResponse[] = [];
  const all = later();
  const server = createServer((_, response) => {
    waiting.push(response);
    if (waiting.length === CALLS) all.resolve();
  });
  after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createWebClient('xoxb-1', { slackApiUrl: `http://127.0.0.1:${port}/` });
  const calls = Array.from({ length: CALLS }, () => client.chat.postMessage({ channel: 'C1', text: 'Hi' }));
  await all.promise;
  for (const response of waiting)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
  const answers = await Promise.all(calls);
  assert.ok(answers.every(({ ok }) => ok));
});
