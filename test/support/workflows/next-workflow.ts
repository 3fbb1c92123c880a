import { patched, sleep } from '@temporalio/workflow';
import { durableAIAgentWorkflow as current } from '../../../src/workflows/agent.js';
import { requireVersion, WORKFLOW_VERSION } from '../../../src/workflows/runtime/workflow-version.js';

/** A next version of the workflow, changed under patches: it rests a moment before a run and after it. Older runs go on under it. */
export async function durableAIAgentWorkflow(
  ...[input]: Parameters<typeof current>
): ReturnType<typeof current> {
  requireVersion(input.workflowVersion, { oldest: WORKFLOW_VERSION, newest: WORKFLOW_VERSION + 1 });
  if (patched('rests-first')) await sleep('1 millisecond');
  const outcome = await current({ ...input, workflowVersion: WORKFLOW_VERSION });
  if (patched('rests-at-the-end')) await sleep('1 millisecond');
  return outcome;
}
