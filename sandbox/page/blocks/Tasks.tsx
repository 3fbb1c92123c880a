import type { PlanBlock, TaskCardBlock } from '@slack/types';
import { scrollable } from '../live/scrollable.js';
import { RichText } from './RichText.js';
import { SafeLink } from './SafeLink.js';
import { type Status, StatusIcon } from './StatusIcon.js';

/** A plan with its tasks. It stays open or closed as the reader left it. */
export function Plan({ block }: { block: PlanBlock }) {
  const tasks = (block.tasks ?? []) as TaskCardBlock[];
  const done = tasks.filter(({ status }) => status === 'complete').length;
  return (
    <details className="plan" open>
      <summary>
        <StatusIcon status={statusOf(tasks)} />
        <strong>{block.title}</strong>
        {tasks.length > 0 && (
          <span className="count">
            {done} of {tasks.length}
          </span>
        )}
      </summary>
      <ol className="tasks">
        {tasks.map((task) => (
          <li key={task.task_id}>
            <Task task={task} />
          </li>
        ))}
      </ol>
    </details>
  );
}

/** A task outside a plan. */
export function TaskCard({ block }: { block: TaskCardBlock }) {
  return (
    <div className="task-card">
      <Task task={block} />
    </div>
  );
}

function Task({ task }: { task: TaskCardBlock }) {
  const { title, status, details, output, sources = [] } = task;
  return (
    <div className={`task task-${status ?? 'pending'}`}>
      <StatusIcon status={status} />
      <div className="task-content">
        <p className="task-title">{title}</p>
        {details && (
          <div className="task-details">
            <RichText block={details} />
          </div>
        )}
        {output && (
          <div className="task-output" ref={scrollable}>
            <RichText block={output} />
          </div>
        )}
        {sources.length > 0 && (
          <p className="task-sources">
            {sources.map(({ url, text }) => (
              <SafeLink key={url} url={url}>
                {text}
              </SafeLink>
            ))}
          </p>
        )}
      </div>
    </div>
  );
}

function statusOf(tasks: readonly TaskCardBlock[]): Status {
  const has = (wanted: Status) => tasks.some(({ status }) => status === wanted);
  if (has('in_progress')) return 'in_progress';
  if (has('error')) return 'error';
  if (tasks.length > 0 && tasks.every(({ status }) => status === 'complete')) return 'complete';
  return 'pending';
}
