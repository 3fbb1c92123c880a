/** A run's workflow carries the run's short id in its own. */
export function workflowIdOf(runId: string): string {
  return `agent-${runId}`;
}

export function runIdIn(workflowId: string): string {
  return workflowId.replace(/^agent-/, '');
}
