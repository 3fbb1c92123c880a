import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { sharedModules } from '../../../src/temporal/worker/workflow-bundle.js';
import { shared } from '../shared.js';

const PRODUCT = fileURLToPath(new URL('../../../src/workflows/index.ts', import.meta.url));

const bundled = new Map<string, Promise<WorkflowBundleOption>>();

/** Bundles workflows once: for all test files where they share a folder of bundles, else once a process. @default the product's */
export function workflowBundle(workflowsPath = PRODUCT): Promise<WorkflowBundleOption> {
  const bundle = bundled.get(workflowsPath) ?? findBundle(workflowsPath);
  bundled.set(workflowsPath, bundle);
  return bundle;
}

async function findBundle(workflowsPath: string): Promise<WorkflowBundleOption> {
  if (shared.bundles === undefined) return await bundleWorkflows(workflowsPath);
  const codePath = join(shared.bundles, `${basename(workflowsPath, '.ts')}.js`);
  if (!existsSync(codePath)) {
    const { code } = await bundleWorkflows(workflowsPath);
    const unfinished = `${codePath}.${process.pid}`;
    writeFileSync(unfinished, code);
    renameSync(unfinished, codePath);
  }
  return { codePath };
}

const logger = new DefaultLogger('WARN');

/** Bundles workflows anew, without a word. */
export function bundleWorkflows(workflowsPath: string) {
  return bundleWorkflowCode({ workflowsPath, logger, ...sharedModules(workflowsPath) });
}

/** Gives workers from sources the bundle that is there: each start of the service would make it anew. */
export function bundleOnce(): void {
  const { create } = Worker;
  Worker.create = async ({ workflowsPath, bundlerOptions: _, ...options }) =>
    create.call(Worker, {
      ...options,
      ...(workflowsPath !== undefined && { workflowBundle: await workflowBundle(workflowsPath) }),
    });
}
