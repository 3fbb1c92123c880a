import type { RichTextBlock, TaskCardBlock } from '@slack/types';
import {
  isOver,
  type ProgressCall,
  type ProgressCard,
  type ProgressStatus,
  type ProgressStep,
} from '../../../run/execution/progress.js';
import { blockList, context } from '../kit/blocks.js';
import { LIMITS } from '../kit/limits.js';
import { MARKS } from '../kit/markdown/marks.js';
import { textLength } from '../kit/paginate.js';
import { type MessageWithAttachments, messageOf } from '../kit/payload.js';
import { paragraph, richText, verbatim } from '../kit/rich-text.js';
import { clip, count, escapeMrkdwn, factLine, spentText } from '../kit/text.js';

/**
 * Limit for the text of all tasks, in bytes; details and output count twice. Source: by measurement, Slack refuses messages with task
 * cards between 10,600 and 11,300 bytes (openclaw#143882).
 */
const ROOM = 9_000;

/** Limit for tasks, which may count as blocks. A message takes 50 blocks. */
const MAX_TASKS = LIMITS.planTasks - 2;

/** Levels of detail of a step, from full to minimal; in characters, and in calls. */
const LEVELS = [
  { title: 250, calls: 20, call: 200, note: 800 },
  { title: 200, calls: 8, call: 120, note: 300 },
  { title: 150, calls: 3, call: 80, note: 120 },
  { title: 100, calls: 1, call: 40, note: 0 },
  { title: 40, calls: 0, call: 0, note: 0 },
] as const;
type Level = (typeof LEVELS)[number];

/** Levels for active steps and for the others. The first pair that fits is used. */
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

const STATES: Record<ProgressCard['state'], string> = {
  working: `${MARKS.working} Working`,
  waiting: `${MARKS.waiting} Waiting for people`,
  done: `${MARKS.done} Done`,
  stopped: `${MARKS.stopped} Stopped`,
  failed: `${MARKS.failed} Failed`,
};

const TASK_STATUSES: Record<ProgressStatus, TaskCardBlock['status']> = {
  pending: 'pending',
  in_progress: 'in_progress',
  done: 'complete',
  failed: 'error',
};

const CALL_STATUSES: Record<ProgressCall['status'], string> = {
  asking: 'waiting for a decision',
  in_progress: 'running',
  done: 'done',
  failed: 'failed',
  refused: 'not run',
};

/** Limit for a call's headline, in characters. */
const HEADLINE = 100;

/** Statuses of calls that were open when the run ended. */
const ENDED_CALLS: Partial<typeof CALL_STATUSES> = { asking: 'not run', in_progress: 'interrupted' };

/** A step as a task; its title holds the step's number. */
interface Task extends ProgressStep {
  id: string;
  calls: ShownCall[];
}

interface ShownCall extends ProgressCall {
  /** True once the run is over. */
  isEnded?: boolean;
}

/** Draws the progress of an execution: a task for each step, with the step's calls. */
export function progressMessage(card: ProgressCard): MessageWithAttachments {
  const { title, state, steps, otherCalls: calls } = card;
  const isOpen = calls.some(({ status }) => status === 'asking' || status === 'in_progress');
  const hasFailed = calls.some(({ status }) => status === 'failed' || status === 'refused');
  const status = isOpen ? 'in_progress' : hasFailed ? 'failed' : 'done';
  const others: Task[] =
    calls.length > 0 ? [{ id: 'other', title: 'Other actions', status, calls, note: '' }] : [];
  const shown = selectTasks(steps, MAX_TASKS - others.length);
  const hidden = steps.length - shown.length;
  const done = `${steps.filter((step) => step.status === 'done').length} of ${steps.length} steps done`;
  const all = [...shown, ...others];
  const tasks = fitTasks(isOver(card) ? all.map(endTask) : all);
  const text = `${STATES[state]}: ${escapeMrkdwn(clip(title, 200))} (${done})`;
  const blocks = blockList(
    { type: 'plan', title: clip(title.trim() || 'The plan', 150), tasks },
    hidden > 0 && context(`${hidden} of ${steps.length} steps are not shown here.`),
    context(factLine(STATES[state], done, usageText(card))),
  );
  return messageOf(text, blocks);
}

/** Usage so far, or in all. A run that is done has its total in the result: a thread shows one. */
function usageText({ state, spent }: ProgressCard): string {
  if (state === 'done') return '';
  return isOver({ state }) ? `Total: ${spentText(spent)}` : `So far: ${spentText(spent)}`;
}

/** Ends a task's spinner with the run. A step that had begun and wasn't finished counts as failed. */
function endTask({ status, calls, ...task }: Task): Task {
  const ended = calls.map((call) => ({ ...call, isEnded: true }));
  return { ...task, status: status === 'in_progress' ? 'failed' : status, calls: ended };
}

/** Selects `size` steps. Finished steps are dropped first, from the beginning; then pending ones, from the end. */
function selectTasks(steps: ProgressStep[], size: number): Task[] {
  const tasks = steps.map((step, at) => ({
    ...step,
    id: `step-${at + 1}`,
    title: `${at + 1}. ${step.title}`,
  }));
  const begun = steps.findIndex(({ status }) => status === 'in_progress' || status === 'pending');
  const over = begun < 0 ? steps.length : begun;
  const from = Math.min(Math.max(steps.length - size, 0), over);
  return tasks.slice(from, from + size);
}

function fitTasks(tasks: Task[]): TaskCardBlock[] {
  let cards: TaskCardBlock[] = [];
  for (const [active, rest] of TRIES) {
    cards = tasks.map((task) => {
      const isActive = task.status === 'in_progress' || task.status === 'failed';
      return taskCard(task, LEVELS[isActive ? active : rest]);
    });
    if (bytesOf(cards) <= ROOM) break;
  }
  return cards;
}

/** Size of the tasks' text in bytes, by Slack's apparent count. */
function bytesOf(cards: TaskCardBlock[]): number {
  return cards.reduce((sum, { title, details, output }) => {
    return sum + Buffer.byteLength(title) + 2 * textLength([details, output], Buffer.byteLength);
  }, 0);
}

function taskCard({ id, title, status, calls, note }: Task, level: Level): TaskCardBlock {
  const hasNote = note.trim() !== '' && level.note > 0;
  return {
    type: 'task_card',
    task_id: id,
    title: clip(title, level.title),
    status: TASK_STATUSES[status],
    ...(calls.length > 0 && { details: callsText(calls, level) }),
    ...(hasNote && { output: richText(paragraph(verbatim(clip(note, level.note)))) }),
  };
}

/** The newest calls, one on each line. A task takes rich text with one element. */
function callsText(calls: ShownCall[], { calls: most, call: length }: Level): RichTextBlock {
  const earlier = calls.slice(0, Math.max(calls.length - most, 0));
  const shown = calls.slice(earlier.length);
  const more = count(earlier.length, shown.length > 0 ? 'earlier action' : 'action');
  const lines = shown.map(({ headline, status, detail, isEnded }) => {
    const word = (isEnded && ENDED_CALLS[status]) || CALL_STATUSES[status];
    const after = detail.trim() === '' ? '' : `: ${clip(detail.replaceAll(/\s+/g, ' '), length)}`;
    return [verbatim(clip(headline, HEADLINE), { bold: true }), verbatim(` · ${word}${after}`)];
  });
  const all = earlier.length > 0 ? [[verbatim(more)], ...lines] : lines;
  return richText(paragraph(...all.flatMap((each, at) => (at > 0 ? [verbatim('\n'), ...each] : each))));
}
