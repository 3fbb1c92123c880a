import { sleep } from '@temporalio/workflow';
import { durableAIAgentWorkflow as current } from '../../../src/workflows/agent.js';

/** The workflow with a change that old histories can't replay: a timer before everything else. */
export async function durableAIAgentWorkflow(
  ...args: Parameters<typeof current>
): ReturnType<typeof current> {
  await sleep('1 second');
  return await current(...args);
}
