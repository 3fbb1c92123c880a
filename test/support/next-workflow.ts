import { patched, sleep } from '@temporalio/workflow';
import { durableAIAgentWorkflow as current } from '../../src/workflows/agent.js';

/** A next version of the workflow, changed under a patch: it rests a moment once a run is done. */
export async function durableAIAgentWorkflow(
  ...args: Parameters<typeof current>
): ReturnType<typeof current> {
  const outcome = await current(...args);
  if (patched('rests-at-the-end')) await sleep('1 millisecond');
  return outcome;
}
