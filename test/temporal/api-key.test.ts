import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectService } from '../support/temporal/connect-service.js';
import { startHangingServer } from '../support/temporal/hanging-server.js';
import { devServerForTests } from '../support/temporal/suites.js';

const UNAUTHENTICATED = 16;

describe('an API key of Temporal that is replaced', () => {
  const dev = devServerForTests();

  it('is tried, and then used by the client and the workers without a restart', async () => {
    let keys = ['first'];
    const frontend = await startHangingServer(dev.address, () => false, {
      refuses: (_, { authorization }) =>
        keys.some((key) => authorization === `Bearer ${key}`) ? undefined : UNAUTHENTICATED,
    });
    Object.assign(process.env, { TEMPORAL_API_KEY: 'first', TEMPORAL_TLS: 'false' });
    const temporal = await connectService(frontend.address).finally(() => {
      delete process.env.TEMPORAL_API_KEY;
      delete process.env.TEMPORAL_TLS;
    });
    const { namespace } = dev;
    const byClient = () => temporal.client.workflow.count();
    const byWorkers = () => temporal.native.workflowService.describeNamespace({ namespace });

    await byClient();
    await byWorkers();
    await assert.rejects(temporal.checkApiKey('second'), /unauthorized/i);
    await byClient();
    keys = ['first', 'second'];
    await temporal.checkApiKey('second');
    await temporal.useApiKey('second');
    keys = ['second'];
    await byClient();
    await byWorkers();
    await temporal.close();
    frontend.close();
  });
});
