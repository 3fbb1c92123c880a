import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BundleOptions, WorkerOptions } from '@temporalio/worker';

/** The workflow's code, as a bundle or as sources that the worker bundles. */
export type WorkflowCode = Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'bundlerOptions'>;

/**
 * Options for bundling workflows. All runs of a worker share the workflows' modules, so a cached run takes half the memory, and no module may hold
 * state.
 */
export function sharedModules(workflowsPath: string): Pick<BundleOptions, 'preloadModules'> {
  return { preloadModules: [workflowsPath] };
}

/** Finds the workflow's code: the prebuilt bundle, which starts faster, or else the sources. */
export function workflowCode(): WorkflowCode {
  const bundle = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));
  if (existsSync(bundle)) return { workflowBundle: { codePath: bundle } };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const workflowsPath = fileURLToPath(new URL(`../../workflows/index.${extension}`, import.meta.url));
  return { workflowsPath, bundlerOptions: sharedModules(workflowsPath) };
}
