import { sleep } from '@temporalio/workflow';
import { durableAIAgentWorkflow as current } from '../../../src/workflows/agent.js';
import { requireVersion, WORKFLOW_VERSION } from '../../../src/workflows/runtime/workflow-version.js';

/** A next version of the workflow with other commands, a timer before everything else, and without a patch: it has none but its own runs. */
export async function durableAIAgentWorkflow(
  ...[input]: Parameters<typeof current>
): ReturnType<typeof current> {
  requireVersion(input.workflowVersion, { oldest: WORKFLOW_VERSION + 1, newest: WORKFLOW_VERSION + 1 });
  await sleep('1 millisecond');
  return await current({ ...input, workflowVersion: WORKFLOW_VERSION });
}
