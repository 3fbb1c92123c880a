import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { createWebClient } from '../../../src/slack/client/web/web.js';

it('a message with half a character in it is posted', async () => {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(Buffer.concat(await request.toArray()).toString());
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const slackApiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
    const text = 'Half a \ud83d smile';
    const blocks = [{ type: 'section', text: { type: 'plain_text', text } }];
    await createWebClient('xoxb-1', { slackApiUrl }).chat.postMessage({ channel: 'C1', text, blocks });
    const sent = new URLSearchParams(bodies[0]);
    assert.equal(sent.get('text'), 'Half a � smile');
    assert.match(sent.get('blocks') ?? '', /Half a � smile/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
