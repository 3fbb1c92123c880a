import type { KnownBlock, RichTextBlock, RichTextElement, TaskCardBlock } from '@slack/types';
import type {
  ProgressCall,
  ProgressCard,
  ProgressStatus,
  ProgressStep,
} from '../../../run/execution/progress.js';
import { spentText } from '../kit/amounts.js';
import { context } from '../kit/blocks.js';
import { LIMITS } from '../kit/limits.js';
import { textLength } from '../kit/paginate.js';
import type { MessageWithAttachments } from '../kit/payload.js';
import { paragraph, richText } from '../kit/rich-text.js';
import { clip, escapeMrkdwn, verbatim } from '../kit/text.js';

/**
 * Room for the text of all tasks, in bytes; details and output count twice. Source: people measured that Slack refuses messages with task
 * cards between 10,600 and 11,300 bytes (openclaw#143882).
 */
const ROOM = 9_000;

/** A message takes 50 blocks, and tasks may count like blocks. */
const MAX_TASKS = LIMITS.planTasks - 2;

/** Levels of detail of a step, from all of it to next to nothing; in characters, and calls. */
const LEVELS = [
  { title: 250, calls: 20, call: 200, note: 800 },
  { title: 200, calls: 8, call: 120, note: 300 },
  { title: 150, calls: 3, call: 80, note: 120 },
  { title: 100, calls: 1, call: 40, note: 0 },
  { title: 40, calls: 0, call: 0, note: 0 },
] as const;
type Level = (typeof LEVELS)[number];

/** Levels of the steps at work, and of the others: the first pair that fits is taken. */
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
export function progressMessage(card: ProgressCard): MessageWithAttachments {
  const { title, state, spent, steps, otherCalls } = card;
  const status = otherCalls.some(isOpen) ? 'in_progress' : 'done';
  const others: PlacedStep[] =
    otherCalls.length > 0
      ? [{ step: { title: 'Beside the plan', status, calls: otherCalls, note: '' }, id: 'other' }]
      : [];
  const shown = selectSteps(steps, MAX_TASKS - others.length);
  const hidden = steps.length - shown.length;
  const done = steps.filter((step) => step.status === 'done').length;
  const blocks: KnownBlock[] = [
    { type: 'plan', title: clip(title.trim() || 'The plan', 150), tasks: fitTasks([...shown, ...others]) },
    ...(hidden > 0 ? [context(`${hidden} of ${steps.length} steps are left out here.`)] : []),
    context(`${STATES[state]} · ${done} of ${steps.length} steps done · ${spentText(spent)}`),
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

/** A step with its number in the plan; unset for the calls of no step. */
interface PlacedStep {
  step: ProgressStep;
  id: string;
  number?: number;
}

/** Selects `size` steps: the first of those that are over are left out, then the last of those that haven't begun. */
function selectSteps(steps: ProgressStep[], size: number): PlacedStep[] {
  const placed = steps.map((step, at) => ({ step, id: `step-${at + 1}`, number: at + 1 }));
  const begun = steps.findIndex(({ status }) => status === 'in_progress' || status === 'pending');
  const over = begun < 0 ? steps.length : begun;
  const from = Math.min(Math.max(steps.length - size, 0), over);
  return placed.slice(from, from + size);
}

function fitTasks(placed: PlacedStep[]): TaskCardBlock[] {
  let tasks: TaskCardBlock[] = [];
  for (const [active, rest] of TRIES) {
    tasks = placed.map((each) => {
      const isActive = each.step.status === 'in_progress' || each.step.status === 'failed';
      return taskCard(each, LEVELS[isActive ? active : rest]);
    });
    if (taskBytes(tasks) <= ROOM) break;
  }
  return tasks;
}

function taskCard({ step, id, number }: PlacedStep, level: Level): TaskCardBlock {
  const { title, status, calls, note } = step;
  const details = callLines(calls, level);
  const output =
    note.trim() !== '' && level.note > 0 ? oneSection([verbatim(clip(note, level.note))]) : undefined;
  const label = `${number === undefined ? '' : `${number}. `}${title}`;
  return {
    type: 'task_card',
    task_id: id,
    title: clip(label, level.title),
    status: TASK_STATUSES[status],
    ...(details && { details }),
    ...(output && { output }),
  };
}

const TASK_STATUSES: Record<ProgressStatus, TaskCardBlock['status']> = {
  pending: 'pending',
  in_progress: 'in_progress',
  done: 'complete',
  failed: 'error',
};

const CALL_STATUSES: Record<ProgressCall['status'], string> = {
  asking: 'waits for people',
  in_progress: 'under way',
  done: 'done',
  failed: 'failed',
  refused: 'not made',
};

/** The newest calls, one a line. */
function callLines(calls: ProgressCall[], { calls: most, call: length }: Level): RichTextBlock | undefined {
  if (calls.length === 0) return undefined;
  const shown = most === 0 ? [] : calls.slice(-most);
  const earlier = calls.length - shown.length;
  const lines = shown.map(({ name, status, detail }) => [
    verbatim(clip(name, 64), { code: true }),
    verbatim(
      ` ${CALL_STATUSES[status]}${detail.trim() === '' ? '' : `: ${clip(detail.replaceAll(/\s+/g, ' '), length)}`}`,
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

function isOpen({ status }: ProgressCall): boolean {
  return status === 'asking' || status === 'in_progress';
}

/** Text of tasks in bytes, as Slack seems to count it. */
function taskBytes(tasks: TaskCardBlock[]): number {
  const sizes = tasks.map(
    ({ title, details, output }) =>
      Buffer.byteLength(title) + 2 * textLength([details, output], Buffer.byteLength),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
