import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTimeSkipping, startDevServer } from './support/temporal/temporal.js';

// Runs test files with node's own runner, once the parts are there that all of them share: `tsx test/run-tests.ts [--proofs|--released] [file…]`.
// Without files it runs all tests but those of the two other kinds, and with an option those of that kind alone.

/** Folders of the tests that a kind has. */
const FOLDERS = {
  /** Slow: drills with crashes and deploys, and random faults. */
  proofs: ['proofs'],
  /** Tests for another version of node: those that need no Temporal, and those of the package and the image. */
  released: ['approval', 'config', 'llm', 'package', 'platform', 'run', 'schedule', 'scripts', 'slack'],
};

/** Number of files that run at once. A test waits more than it works, so two cores have time for three, also where they are slow; proofs keep them busier. */
const AT_ONCE = { tests: 3, proofs: 2, released: 2 };

/** Longest time of one test, in milliseconds. */
const TIMEOUT_MS = 240_000;

/** Files that take longest. They begin first, so that no core waits for one of them in the end. */
const LONGEST = [
  'test/e2e/browser/loop.test.ts',
  'test/e2e/loop.test.ts',
  'test/e2e/slack.test.ts',
  'test/e2e/replicas.test.ts',
  'test/workflows/floods.test.ts',
  'test/ledger/reconcile.test.ts',
  'test/e2e/start.test.ts',
  'test/e2e/browser/sandbox.test.ts',
  'test/e2e/mention.test.ts',
  'test/e2e/schedules.test.ts',
  'test/use-cases/homes.test.ts',
  'test/workflows/execution.test.ts',
  'test/e2e/browser/tour.test.ts',
  'test/e2e/browser/product-accessibility.test.ts',
  'test/slack/client/thread.test.ts',
  'test/slack/listeners/direct-message.test.ts',
  'test/e2e/approval.test.ts',
  'test/tools/mcp/tools.test.ts',
  'test/e2e/browser/approval.test.ts',
  'test/tools/mcp/oauth.test.ts',
  'test/e2e/browser/accessibility.test.ts',
  'test/e2e/proxy.test.ts',
  'test/service/lease.test.ts',
  'test/workflows/long-runs.test.ts',
  'test/package/image.test.ts',
  'test/package/package.test.ts',
];

const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const isAsked = (kind: string) => process.argv.includes(`--${kind}`);
const kind = isAsked('proofs') ? 'proofs' : isAsked('released') ? 'released' : 'tests';
const files = named.length > 0 ? named : findTests(kind);

await import('../scripts/build-if-stale.js');
const folder = mkdtempSync(join(tmpdir(), 'countersign-tests-'));
process.env.COUNTERSIGN_TEST_BUNDLES = folder;
const { workflowBundle } = await import('./support/temporal/workflow-bundle.js');
const [server] = await Promise.all([startDevServer(), findTimeSkipping(), workflowBundle()]);
const reporter = process.stdout.isTTY ? 'spec' : './test/support/failed-at-end.mjs';
const options = [
  `--test-concurrency=${AT_ONCE[kind]}`,
  `--test-timeout=${TIMEOUT_MS}`,
  `--test-reporter=${reporter}`,
];
const child = spawn(process.execPath, ['--import', 'tsx', '--test', ...options, ...files], {
  env: {
    ...process.env,
    COUNTERSIGN_TEST_BUILT: 'yes',
    COUNTERSIGN_TEST_TEMPORAL: server.address,
  },
  stdio: 'inherit',
});
// The tests are told as well, and end first.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
const [code] = await once(child, 'exit');
await server.stop();
rmSync(folder, { recursive: true });
process.exit(code ?? 1);

/** Test files of a kind, with those first that take longest. */
function findTests(kind: keyof typeof AT_ONCE): string[] {
  const rank = (file: string) => (LONGEST.indexOf(file) + LONGEST.length + 1) % (LONGEST.length + 1);
  const isOf = (folder: string) =>
    kind === 'tests' ? folder !== 'proofs' && folder !== 'package' : FOLDERS[kind].includes(folder);
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && isOf(path.split('/')[0] ?? ''))
    .map((path) => `test/${path}`)
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
