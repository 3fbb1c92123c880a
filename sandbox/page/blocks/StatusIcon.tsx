import type { TaskCardBlock } from '@slack/types';

export type Status = TaskCardBlock['status'];

const WORDS: Record<Status, string> = {
  pending: 'not started',
  in_progress: 'in progress',
  complete: 'done',
  error: 'failed',
};

/** Status of a task: an empty ring, a turning ring, a tick or a cross. */
export function StatusIcon({ status = 'pending' }: { status: Status | undefined }) {
  return (
    <span className={`status status-${status}`} role="img" aria-label={WORDS[status]} title={WORDS[status]}>
      <svg viewBox="0 0 18 18" aria-hidden="true">
        <circle className="ring" cx="9" cy="9" r="7" />
        {status === 'in_progress' && <circle className="arc" cx="9" cy="9" r="7" />}
        {status === 'complete' && <path d="M5.6 9.3l2.3 2.3 4.5-4.9" />}
        {status === 'error' && <path d="M6.4 6.4l5.2 5.2M11.6 6.4l-5.2 5.2" />}
      </svg>
    </span>
  );
}
