import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createRuns } from '../../src/temporal/runs.js';
import { commandLine } from '../support/product/built.js';
import { ana, runInput } from '../support/samples.js';
import { startCloudFrontend } from '../support/temporal/cloud-frontend.js';
import { connectService } from '../support/temporal/connect-service.js';
import { devServerForTests } from '../support/temporal/suites.js';

/** Runs a command with these settings of Temporal; returns its words. */
async function command(env: Record<string, string>, ...args: string[]): Promise<string> {
  const options = { env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    commandLine('search-attributes', ...args),
    options,
  );
  return stdout;
}

describe('search attributes', () => {
  const dev = devServerForTests();
  const settings = (address = dev.address) => ({
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: dev.namespace,
  });

  it('are registered when an operator says so, and found on Temporal Cloud', async () => {
    const frontend = await startCloudFrontend(dev.address);
    const cloud = await connectService(frontend.address);
    const { temporal } = dev;

    assert.equal((await temporal.missingSearchAttributes()).length, 4, 'nobody has registered any unasked');
    assert.equal((await cloud.missingSearchAttributes()).length, 4);
    const missing = await command(settings(frontend.address));
    assert.match(missing, /lacks CountersignRequester \(Keyword\), .*CountersignApprover \(KeywordList\)/);
    assert.match(
      missing,
      new RegExp(
        `tcld namespace search-attributes add --namespace ${dev.namespace} --search-attribute "CountersignRequester=Keyword"`,
      ),
    );
    await assert.rejects(
      command(settings(frontend.address), 'register'),
      /Temporal registers no search attributes in .* \(.*Request unauthorized.*\)\. On Temporal Cloud use tcld or Terraform/,
    );

    assert.match(await command(settings(), 'register'), /has all search attributes/);
    assert.deepEqual(await cloud.missingSearchAttributes(), []);

    const runs = createRuns(cloud.client, 'nobody-works-here', { searchAttributes: true });
    await runs.start(runInput({ shortId: 'cloud234' }));
    const { typedSearchAttributes } = await dev.client.workflow.getHandle('agent-cloud234').describe();
    const found = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
    assert.deepEqual(Object.fromEntries(found).CountersignRequester, ana.user);
    await dev.client.workflow.getHandle('agent-cloud234').terminate();
    await cloud.close();
    frontend.close();
  });
});
