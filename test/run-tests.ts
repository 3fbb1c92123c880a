import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pathToFileURL } from 'node:url';
import { failedAtEnd } from './support/failed-at-end.js';
import { transformSources } from './support/loader/transform-sources.js';
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

/** Number of processes that run tests at once. A test waits more than it works, so two cores have time for more; proofs keep them busier. */
const AT_ONCE = { tests: 4, proofs: 3, released: 4 };

/** Number of files of a folder that share a process. Loading the product and its libraries takes longer than most files do. */
const TOGETHER = 8;

/** Files that replace what a process has once: Temporal's runtime, the tracer, the way to the network, or timers, which a connection may have set. */
const ALONE = [
  'test/activities/before-timeout.test.ts',
  'test/e2e/telemetry.test.ts',
  'test/platform/proxy.test.ts',
  'test/slack/client/update-budget.test.ts',
  'test/slack/receiver/proxy.test.ts',
  'test/telemetry/metrics.test.ts',
  'test/telemetry/traces.test.ts',
  'test/use-cases/start-again.test.ts',
];

/** Folders whose files take longest. */
const SLOW = ['test/e2e', 'test/workflows', 'test/cli', 'test/temporal', 'test/ledger'];

/** Files that take longest. They begin first, each in a process of its own, so that no core waits for one of them in the end. */
const LONGEST = [
  'test/proofs/slow-pongs.test.ts',
  'test/proofs/crash-in-call.test.ts',
  'test/proofs/chaos.test.ts',
  'test/proofs/versions.test.ts',
  'test/proofs/crash.test.ts',
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
  'test/tools/fetch-url/fetch-url.test.ts',
  'test/package/image.test.ts',
  'test/package/package.test.ts',
];

const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const isAsked = (kind: string) => process.argv.includes(`--${kind}`);
const kind = isAsked('proofs') ? 'proofs' : isAsked('released') ? 'released' : 'tests';

await import('../scripts/build-if-stale.js');
const folder = mkdtempSync(join(tmpdir(), 'countersign-tests-'));
process.env.COUNTERSIGN_TEST_BUNDLES = folder;
const { workflowBundle } = await import('./support/temporal/workflow-bundle.js');
const [server, loader] = await Promise.all([
  startDevServer(),
  transformSources(folder),
  findTimeSkipping(),
  workflowBundle(),
]);
// The processes of tests get these arguments, too.
process.execArgv = ['--import', pathToFileURL(loader).href];
process.env.COUNTERSIGN_TEST_BUILT = 'yes';
process.env.COUNTERSIGN_TEST_TEMPORAL = server.address;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
const groups = named.length > 0 ? named.map((file) => [file]) : groupFiles(findTests(kind));
const tests = run({
  files: groups.map(writeEntry),
  concurrency: AT_ONCE[kind],
  signal: stopping.signal,
  timeout: Number.POSITIVE_INFINITY,
}).on('test:fail', () => {
  process.exitCode = 1;
});
const report = process.stdout.isTTY ? tests.compose(new spec()) : tests.compose(failedAtEnd);
report.pipe(process.stdout, { end: false });
await finished(report);
await server.stop();
rmSync(folder, { recursive: true });
process.exit();

/** Test files of a kind, by folder. */
function findTests(kind: keyof typeof AT_ONCE): string[] {
  const isOf = (folder: string) =>
    kind === 'tests' ? folder !== 'proofs' && folder !== 'package' : FOLDERS[kind].includes(folder);
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && isOf(path.split('/')[0] ?? ''))
    .map((path) => `test/${path}`)
    .toSorted();
}

/** Gathers those files of a folder that can share a process. Those that take longest come first. */
function groupFiles(files: string[]): string[][] {
  const lone = [...LONGEST, ...ALONE].filter((file) => files.includes(file));
  const most = kind === 'proofs' ? 1 : TOGETHER;
  const groups: string[][] = [];
  for (const file of files.filter((file) => !lone.includes(file))) {
    const group = groups.at(-1);
    if (group?.[0] && group.length < most && dirname(group[0]) === dirname(file)) group.push(file);
    else groups.push([file]);
  }
  const isSlow = ([file = '']: string[]) => SLOW.includes(dirname(file));
  return [
    ...lone.map((file) => [file]),
    ...groups.filter(isSlow),
    ...groups.filter((group) => !isSlow(group)),
  ];
}

/** Writes the module that runs a group of files in one process. */
function writeEntry(files: string[], at: number): string {
  const path = join(folder, `${at}.mjs`);
  const runner = new URL('support/run-together.ts', import.meta.url).href;
  writeFileSync(path, `import { runTogether } from '${runner}';\nrunTogether(${JSON.stringify(files)});\n`);
  return path;
}
