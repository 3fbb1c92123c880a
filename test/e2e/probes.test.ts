import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startSimulatedModel } from '../../sandbox/model/index.js';
import { startWorkspace } from '../../sandbox/workspace/index.js';
import { startReplica } from '../support/product/replica.js';
import { serviceSettings } from '../support/product/service-settings.js';
import { startWaitingRun } from '../support/slack/people.js';
import { type OwnNamespace, openNamespace } from '../support/temporal/namespaces.js';
import { unusedPort } from '../support/temporal/temporal.js';

describe('a process of the service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'probes-'));
  let temporal: OwnNamespace;
  let model: Awaited<ReturnType<typeof startSimulatedModel>>;
  let workspace: Awaited<ReturnType<typeof startWorkspace>>;
  before(async () => {
    [temporal, model, workspace] = await Promise.all([
      openNamespace(),
      startSimulatedModel(),
      startWorkspace({ rateLimits: false }),
    ]);
  });
  after(async () => {
    await Promise.all([temporal.close(), model.stop(), workspace.close()]);
    rmSync(folder, { recursive: true, force: true });
  });
  const settings = () => serviceSettings({ workspace, model, temporal, folder });

  it('is unready while it starts; a second one on its SQLite file ends by name; after a crash the next one starts at once', async () => {
    const first = await startReplica('all', folder, settings());
    const { statuses } = await first.ready();
    assert.deepEqual(
      statuses.filter((status) => status !== 0),
      [503, 200],
    );
    const { body } = await first.probe('/readyz');
    assert.deepEqual(Object.keys(body.parts).sort(), [
      ...['claude', 'database', 'mcpServers', 'slack', 'temporal', 'temporalWorker'],
    ]);
    assert.deepEqual([body.role, body.leads, body.parts.database?.status], ['all', true, 'up']);

    const second = await startReplica('all', folder, settings());
    assert.equal(await second.exit, 1);
    assert.match(
      second.output(),
      /^DATABASE_URL: another process of the service uses .*ledger\.db, and SQLite serves one\. .*postgres:\/\//m,
    );
    assert.equal((await first.probe('/readyz')).status, 200);

    first.kill();
    await first.exit;
    const next = await startReplica('all', folder, settings());
    await next.ready();
    assert.equal(await next.leads(), true, 'the lease of the dead one holds nobody up');
    assert.equal(await next.stop(), 0);
  });

  it('that receives by HTTP is unready first when it stops, and still takes what comes meanwhile', async () => {
    const port = await unusedPort();
    workspace.setEventsUrl(`http://127.0.0.1:${port}/slack/events`);
    const { SLACK_APP_TOKEN: _, ...shared } = settings();
    const { signingSecret } = workspace.credentials;
    const http = { ...shared, SLACK_SIGNING_SECRET: signingSecret, PORT: String(port) };
    const replica = await startReplica('all', folder, http);
    await replica.ready();
    replica.terminate();
    while ((await replica.probe('/readyz')).status === 200);
    assert.equal((await replica.probe('/livez')).status, 200);
    const { ana } = workspace.people;
    await startWaitingRun(workspace, ana, workspace.channels.general, 'compare two editors');
    assert.equal(await replica.exit, 0);
  });
});
