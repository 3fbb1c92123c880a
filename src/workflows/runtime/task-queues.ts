/** The task queues behind `TEMPORAL_TASK_QUEUE`, each with slots of its own: a call that hangs takes none from posts and checkpoints. */
export function callQueues(taskQueue: string): { models: string; tools: string } {
  return { models: `${taskQueue}-models`, tools: `${taskQueue}-tools` };
}
