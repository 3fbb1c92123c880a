import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { sharedModules } from '../src/temporal/worker/workflow-bundle.js';
import { buildPage } from './build-page.js';
import { stampLock } from './lock-stamp.js';

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Builds the parts that tsc doesn't: the sandbox's policy and page, and the workflow bundle, which saves each worker start a second. */
const silent = () => {};
const logger = {
  log: silent,
  trace: silent,
  debug: silent,
  info: silent,
  warn: console.warn,
  error: console.error,
};
const workflowsPath = at('dist/src/workflows/index.js');
const { code } = await bundleWorkflowCode({ workflowsPath, logger, ...sharedModules(workflowsPath) });
writeFileSync(at('dist/src/workflow-bundle.js'), code);

copyFileSync(at('sandbox/policy.yml'), at('dist/sandbox/policy.yml'));
rmSync(at('dist/sandbox/page'), { recursive: true, force: true });
stampLock(at('.'));
await buildPage(at('dist/sandbox/page'));
