import type { KnownBlock, RichTextBlock, RichTextElement, TaskCardBlock } from '@slack/types';
import type { ProgressCall, ProgressCard, ProgressStatus, ProgressStep } from '../../../run/thread.js';
import { LIMITS } from '../kit/limits.js';
import { context } from '../kit/lines.js';
import type { ThreadWords } from '../kit/long-text.js';
import { paragraph, richText } from '../kit/rich-text.js';
import { clip, escapeMrkdwn, verbatim } from '../kit/text.js';
import { spentWords } from '../question/spent.js';

/**
 * All the text of the tasks, in bytes, of which details and output count twice: people measured that Slack refuses messages
 * with task cards between 10,600 and 11,300 of them (openclaw#143882).
 */
const ROOM = 9_000;

/** A message takes 50 blocks, and tasks may count like blocks. */
const MAX_TASKS = LIMITS.planTasks - 2;

/** How much is told of a step, from all of it to next to nothing; characters, and calls. */
const DETAIL = [
  { title: 250, calls: 20, call: 200, note: 800 },
  { title: 200, calls: 8, call: 120, note: 300 },
  { title: 150, calls: 3, call: 80, note: 120 },
  { title: 100, calls: 1, call: 40, note: 0 },
  { title: 40, calls: 0, call: 0, note: 0 },
] as const;
type Detail = (typeof DETAIL)[number];

/** How much is told of the steps at work, and of the others: the first pair that fits is taken. */
const TRIES = [
  [0, 0],
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 3],
  [1, 4],
  [2, 4],
  [3, 4],
] as const;

/** Draws how far the execution is: a task a step, with its tool calls in it. */
export function progressMessage(card: ProgressCard): ThreadWords {
  const { title, state, spent, steps, other } = card;
  const rest: ProgressStep[] =
    other.length > 0 ? [{ title: 'Beside the plan', status: statusOf(other), calls: other, note: '' }] : [];
  const { kept, left } = window(steps, MAX_TASKS - rest.length);
  const tasks = fitted([...kept, ...rest.map((step) => ({ step, id: 'other', number: undefined }))]);
  const done = steps.filter(({ status }) => status === 'done').length;
  const blocks: KnownBlock[] = [
    { type: 'plan', title: clip(title.trim() || 'The plan', 150), tasks },
    ...(left > 0 ? [context(`${left} of ${steps.length} steps are left out here.`)] : []),
    context(`${STATES[state]} · ${done} of ${steps.length} steps done · ${spentWords(spent)}`),
  ];
  return {
    text: `${STATES[state]}: ${escapeMrkdwn(clip(title, 200))} (${done} of ${steps.length} steps done)`,
    blocks,
    attachments: [],
  };
}

const STATES: Record<ProgressCard['state'], string> = {
  working: ':gear: At work',
  waiting: ':ballot_box_with_ballot: Waiting for people',
  done: ':checkered_flag: Done',
  stopped: ':octagonal_sign: Stopped',
  failed: ':warning: Failed',
};

/** A step with its place in the plan. */
interface Placed {
  step: ProgressStep;
  id: string;
  number: number | undefined;
}

/** As many steps as there are tasks: of those that are over, the first ones go, then the last ones that haven't begun. */
function window(steps: ProgressStep[], size: number): { kept: Placed[]; left: number } {
  const placed = steps.map((step, at) => ({ step, id: `step-${at + 1}`, number: at + 1 }));
  const left = Math.max(steps.length - size, 0);
  const begun = steps.findIndex(({ status }) => status === 'in_progress' || status === 'pending');
  const over = begun < 0 ? steps.length : begun;
  const from = Math.min(left, over);
  return { kept: placed.slice(from, from + size), left };
}

function fitted(placed: Placed[]): TaskCardBlock[] {
  let tasks: TaskCardBlock[] = [];
  for (const [active, rest] of TRIES) {
    tasks = placed.map((each) => {
      const isActive = each.step.status === 'in_progress' || each.step.status === 'failed';
      return task(each, DETAIL[isActive ? active : rest]);
    });
    if (weight(tasks) <= ROOM) break;
  }
  return tasks;
}

function task({ step, id, number }: Placed, detail: Detail): TaskCardBlock {
  const { title, status, calls, note } = step;
  const details = callLines(calls, detail);
  const output =
    note.trim() !== '' && detail.note > 0 ? oneSection([verbatim(clip(note, detail.note))]) : undefined;
  const label = `${number === undefined ? '' : `${number}. `}${title}`;
  return {
    type: 'task_card',
    task_id: id,
    title: clip(label, detail.title),
    status: STATUSES[status],
    ...(details && { details }),
    ...(output && { output }),
  };
}

const STATUSES: Record<ProgressStatus, TaskCardBlock['status']> = {
  pending: 'pending',
  in_progress: 'in_progress',
  done: 'complete',
  failed: 'error',
};

const CALLS: Record<ProgressCall['status'], string> = {
  asking: 'waits for people',
  in_progress: 'under way',
  done: 'done',
  failed: 'failed',
  refused: 'not made',
};

/** The newest calls, one a line. */
function callLines(calls: ProgressCall[], { calls: most, call: length }: Detail): RichTextBlock | undefined {
  if (calls.length === 0) return undefined;
  const shown = most === 0 ? [] : calls.slice(-most);
  const earlier = calls.length - shown.length;
  const lines = shown.map(({ name, status, detail }) => [
    verbatim(clip(name, 64), { code: true }),
    verbatim(
      ` ${CALLS[status]}${detail.trim() === '' ? '' : `: ${clip(detail.replaceAll(/\s+/g, ' '), length)}`}`,
    ),
  ]);
  const more =
    earlier > 0
      ? [[verbatim(`${earlier} ${shown.length > 0 ? 'earlier ' : ''}tool call${earlier === 1 ? '' : 's'}`)]]
      : [];
  return oneSection([...more, ...lines].flatMap((each, at) => (at > 0 ? [verbatim('\n'), ...each] : each)));
}

/** A task takes rich text of one element. */
function oneSection(elements: RichTextElement[]): RichTextBlock {
  return richText(paragraph(...elements));
}

function statusOf(calls: ProgressCall[]): ProgressStatus {
  return calls.some(({ status }) => status === 'asking' || status === 'in_progress') ? 'in_progress' : 'done';
}

function weight(tasks: TaskCardBlock[]): number {
  const bytes = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).reduce(
          (sum, [key, part]) =>
            sum + (key === 'text' && typeof part === 'string' ? Buffer.byteLength(part) : bytes(part)),
          0,
        )
      : 0;
  return tasks.reduce(
    (sum, { title, details, output }) =>
      sum + Buffer.byteLength(title) + 2 * (bytes(details) + bytes(output)),
    0,
  );
}
