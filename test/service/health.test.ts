import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { type Health, type PartState, startHealth } from '../../src/service/health.js';
import type { Readiness } from '../support/product/replica.js';
import { unusedPort } from '../support/temporal/temporal.js';

describe('the port for probes', () => {
  let health: Health | undefined;
  afterEach(() => health?.close());

  const start = async () => {
    const port = await unusedPort();
    health = await startHealth(port, { role: 'all', expected: ['slack', 'temporalWorker'] });
    const get = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      const text = (await response.text()) || '{}';
      return { status: response.status, body: JSON.parse(text) as Readiness };
    };
    return { health, get };
  };
  const up: PartState = { status: 'up' };

  it('answers before the service is ready: alive, and not ready', async () => {
    const { get } = await start();
    assert.equal((await get('/livez')).status, 200);
    const { status, body } = await get('/readyz');
    assert.equal(status, 503);
    assert.equal(body.phase, 'starting');
    assert.deepEqual(body.parts, { slack: { status: 'starting' }, temporalWorker: { status: 'starting' } });
  });

  it('is ready while the process’s own parts are up, whatever the shared ones say', async () => {
    const { health, get } = await start();
    let slack = up;
    health.watch('slack', { isRequired: true, look: () => slack });
    health.watch('temporalWorker', { isRequired: true, look: () => up });
    health.watch('database', { isRequired: false, look: () => Promise.reject(new Error('ECONNREFUSED')) });
    health.watch('claude', { isRequired: false, look: () => new Promise(() => {}) });
    health.watchAll('mcpServers', () => ({
      github: { status: 'down', reason: 'token xoxb-123-abc is refused' },
    }));
    assert.equal((await get('/readyz')).status, 503, 'the start is not done');
    health.ready();
    const { status, body } = await get('/readyz');
    assert.equal(status, 200);
    assert.deepEqual(body.parts.database, { status: 'down', reason: 'ECONNREFUSED' });
    assert.match(body.parts.claude?.reason ?? '', /no answer/);
    assert.match(JSON.stringify(body.parts.mcpServers), /token \[token\] is refused/, 'no secret is shown');
    slack = { status: 'down', reason: 'away' };
    assert.equal((await get('/readyz')).status, 503);
    assert.equal((await get('/readyz', { method: 'HEAD' })).status, 503);
    slack = up;
    assert.equal((await get('/readyz')).status, 200);
    assert.equal(health.stopping(), true);
    assert.equal((await get('/readyz')).status, 503, 'it is stopping');
    assert.equal((await get('/livez')).status, 200);
  });

  it('has nothing else', async () => {
    const { get } = await start();
    assert.equal((await get('/')).status, 404);
    assert.equal((await get('/readyz', { method: 'POST' })).status, 405);
  });

  it('ends the start by its name where it is taken', async () => {
    const server = createServer().listen(0);
    const { port } = server.address() as AddressInfo;
    await assert.rejects(startHealth(port, { role: 'bot', expected: [] }), {
      code: 'HEALTH_PORT',
      message: `HEALTH_PORT: ${port} is in use. Stop the process that uses it, or set another port.`,
    });
    server.close();
  });

  it('is none where no port is set', async () => {
    health = await startHealth(undefined, { role: 'bot', expected: [] });
    assert.equal(health.stopping(), false, 'nobody sees it');
  });
});
