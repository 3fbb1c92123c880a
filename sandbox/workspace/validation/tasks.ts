import { LIMITS } from './limits.js';
import { type Fields, isFields, type Problems } from './problems.js';
import { checkRichText } from './rich-text.js';

const STATUSES = ['pending', 'in_progress', 'complete', 'error'];

/** Checks a task, inside or outside a plan. Source: Slack's "Task card block". */
export function checkTaskCard(task: Fields, at: string, problems: Problems): void {
  if (task.type !== undefined && task.type !== 'task_card') problems.add(`${at}/type`, 'must be task_card');
  problems.text(task, 'task_id', at, LIMITS.id);
  problems.text(task, 'title', at, LIMITS.messageBlocksText);
  if (task.status !== undefined && !STATUSES.includes(String(task.status)))
    problems.add(`${at}/status`, `must be one of ${STATUSES.join(', ')}`);
  for (const key of ['details', 'output']) {
    const value = task[key];
    if (value === undefined) continue;
    if (!isFields(value)) problems.add(`${at}/${key}`, 'must provide an object');
    else if (value.type !== 'rich_text') problems.add(`${at}/${key}/type`, 'must be rich_text');
    else checkRichText(value, `${at}/${key}`, problems);
  }
  if (task.sources === undefined) return;
  problems.list(task, 'sources', at, [0, 1000], (source, place) => {
    if (source.type !== 'url') problems.add(`${place}/type`, 'must be url');
    problems.text(source, 'url', place, LIMITS.buttonUrl);
    problems.text(source, 'text', place, LIMITS.messageBlocksText);
  });
}

/** Checks a plan: its title is a string, and its tasks have distinct ids. Source: Slack's "Plan block". */
export function checkPlan(plan: Fields, at: string, problems: Problems): void {
  problems.text(plan, 'title', at, LIMITS.messageBlocksText);
  if (plan.tasks === undefined) return;
  const ids = new Set<unknown>();
  problems.list(plan, 'tasks', at, [0, LIMITS.planTasks], (task, place) => {
    checkTaskCard(task, place, problems);
    if (ids.has(task.task_id)) problems.add(`${place}/task_id`, `"${String(task.task_id)}" already exists`);
    ids.add(task.task_id);
  });
}
