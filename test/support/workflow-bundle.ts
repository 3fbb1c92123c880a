import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { workflowCode } from '../../src/temporal/worker.js';

let bundled: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflows, bundled once a process: each worker would do it anew. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  const code = workflowCode();
  if (!('workflowsPath' in code) || !code.workflowsPath) throw new Error('Tests run from the sources');
  bundled ??= bundleWorkflowCode({ workflowsPath: code.workflowsPath });
  return bundled;
}
