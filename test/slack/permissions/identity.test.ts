import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Fault } from '../../../sandbox/workspace/faults.js';
import { startWorkspace, type Workspace } from '../../../sandbox/workspace/index.js';
import { checkAppToken, identify, resolveChannel } from '../../../src/slack/permissions/identity.js';

describe('a start without Slack', () => {
  let workspace: Workspace;
  before(async () => {
    workspace = await startWorkspace({ rateLimits: false });
  });
  after(() => workspace.close());
  const access = () => ({ botToken: workspace.credentials.botToken, apiUrl: workspace.apiUrl });

  const passing: Fault[] = [
    { kind: 'refuse', error: 'internal_error', method: 'auth.test' },
    { kind: 'refuse', error: 'service_unavailable', method: 'auth.test' },
    { kind: 'ratelimited', retryAfterS: 1, method: 'auth.test' },
    { kind: 'error-500', method: 'auth.test' },
    { kind: 'drop', method: 'auth.test' },
    { kind: 'error-500', method: 'bots.info' },
  ];
  for (const fault of passing) {
    const said = fault.kind === 'refuse' ? fault.error : fault.kind;
    it(`goes on after ${said} of ${fault.method}`, async () => {
      workspace.faults.inject({ ...fault, ...(fault.kind === 'error-500' && { times: 2 }) });
      assert.equal((await identify(access())).botUserId, workspace.botUser);
    });
  }

  it('goes on after an error in the search for the approval channel, and in the check of the app token', async () => {
    workspace.faults.inject({ kind: 'error-500', method: 'conversations.list' });
    assert.equal(await resolveChannel(access(), '#general'), workspace.channels.general);
    workspace.faults.inject({ kind: 'refuse', error: 'internal_error', method: 'apps.connections.open' });
    await checkAppToken(workspace.credentials.appToken, access());
  });

  it('ends with the address that it could not reach', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
    server.close();
    await assert.rejects(
      identify({ botToken: 'xoxb-1', apiUrl, patienceMs: 1_200 }),
      ({ message }: Error) => {
        assert.ok(message.startsWith(`SLACK_API_URL: ${apiUrl} failed for 1 s: `), message);
        assert.match(message, /auth\.test: connect ECONNREFUSED 127\.0\.0\.1/);
        return true;
      },
    );
  });

  it('ends with the address and what Slack says there, when that goes on', async () => {
    workspace.faults.inject({ kind: 'refuse', error: 'internal_error', method: 'auth.test', times: 100 });
    const said = new RegExp(`${new URL(workspace.apiUrl).host}/api/ failed for 1 s: .*internal_error`);
    await assert.rejects(identify({ ...access(), patienceMs: 800 }), said);
    workspace.faults.clear();
  });

  it('ends at once with a wrong token', async () => {
    const began = Date.now();
    await assert.rejects(
      identify({ ...access(), botToken: 'xoxb-wrong' }),
      /SLACK_BOT_TOKEN: .*invalid_auth/,
    );
    await assert.rejects(checkAppToken('xapp-wrong', access()), /SLACK_APP_TOKEN: .*invalid_auth/);
    assert.ok(Date.now() - began < 400);
  });
});
