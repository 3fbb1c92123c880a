import type { ExecutionState } from '../input.js';
import { statusOf } from './progress.js';

type Ended = Pick<ExecutionState, 'text' | 'steps' | 'done' | 'notes'>;

/** The newest of the calls that a report lists. */
const MOST_CALLS = 50;

const STATUS = {
  pending: 'not started',
  in_progress: 'not finished',
  done: 'done',
  failed: 'failed',
} as const;

/** Result of an execution that the model ended: its last words, and what people must know of the way. In Markdown. */
export function finalText(state: Ended): string {
  const text = state.text.trim() === '' ? 'I finished, but wrote no result.' : state.text;
  // Without words, only the report says what was done.
  return withNotes(state.text.trim() === '' ? `${text}\n\n${reportOf(state)}` : text, state);
}

/** Result of an execution that could not go on: `why`, and what was done until then. In Markdown. */
export function unfinishedText(state: Ended, why: string): string {
  const parts = [state.text, `*${why}*`, reportOf(state)].filter((part) => part.trim() !== '');
  return withNotes(parts.join('\n\n'), state);
}

/** Steps with their status, and the calls that may have changed something. */
function reportOf({ steps, done }: Ended): string {
  const list = steps.map((step, index) => {
    const note = step.note === '' ? '' : ` (${step.note})`;
    return `${index + 1}. ${step.title}: ${STATUS[statusOf(step)]}${note}`;
  });
  const calls = done.slice(-MOST_CALLS).map((call) => `- ${call}`);
  const earlier = done.length - calls.length;
  const changed = [
    done.length === 0 ? 'Nothing was changed.' : 'These calls may have changed something:',
    ...(earlier > 0 ? [`- ${earlier} earlier ones`] : []),
    ...calls,
  ];
  return `### What I did\n\n${list.join('\n')}\n\n${changed.join('\n')}`;
}

function withNotes(text: string, { notes = [] }: Ended): string {
  return [text, ...notes.map((note) => `*${note}*`)].join('\n\n');
}
