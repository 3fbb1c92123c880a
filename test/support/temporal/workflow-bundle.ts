import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { workflowCode } from '../../../src/temporal/worker.js';

const bundled = new Map<string, Promise<WorkflowBundleWithSourceMap>>();

/** Bundles workflows once a process: each worker would do it anew. @default the product's */
export function workflowBundle(workflowsPath = sources()): Promise<WorkflowBundleWithSourceMap> {
  const bundle = bundled.get(workflowsPath) ?? bundleWorkflowCode({ workflowsPath });
  bundled.set(workflowsPath, bundle);
  return bundle;
}

function sources(): string {
  const { workflowsPath } = workflowCode();
  if (!workflowsPath) throw new Error('Tests run from the sources');
  return workflowsPath;
}
