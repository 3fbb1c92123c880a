import { TestWorkflowEnvironment } from '@temporalio/testing';

/** Starts and ends an embedded server, so that the SDK downloads it into a folder. */
const [kind, downloadDir = ''] = process.argv.slice(2);
const executable = { type: 'cached-download' as const, downloadDir };
try {
  const environment =
    kind === 'dev'
      ? await TestWorkflowEnvironment.createLocal({ server: { executable } })
      : await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  await environment.teardown();
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message.slice(0, 200) : String(error));
  process.exit(1);
}
