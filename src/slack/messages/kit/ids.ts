import type { ShownItem } from '../../../approval/decision.js';
import type { ScheduleDraft } from '../../../schedule/schedule.js';

/** action_ids of the buttons. */
export const ACTIONS = {
  approve: 'plan_approve',
  reject: 'plan_reject',
  changes: 'plan_changes',
  edit: 'plan_edit',
  extend: 'plan_extend',
  approveTool: 'tool_approve',
  rejectTool: 'tool_reject',
  approveAllTool: 'tool_approve_all',
  answer: 'question_answer',
  stop: 'run_stop',
  retry: 'run_retry',
  details: 'run_details',
  openCard: 'open_card',
  saveSchedule: 'schedule_save',
  discardSchedule: 'schedule_discard',
  pauseSchedule: 'schedule_pause',
  resumeSchedule: 'schedule_resume',
  runSchedule: 'schedule_run',
  deleteSchedule: 'schedule_delete',
} as const;

/** Beginning of the action_id of each choice of a question; the choice's index follows. */
export const CHOICE = 'question_option_';

/** The optional note on a card. */
export const NOTE = { block: 'note', action: 'note_text' } as const;

/** callback_ids of the modals. */
export const VIEWS = {
  reject: 'reject_plan',
  changes: 'change_plan',
  edit: 'edit_plan',
  details: 'run_story',
} as const;

/** The field for a person's own words: of a question, and of a modal. */
export const ANSWER = { block: 'answer', action: 'answer_text' } as const;

/** The fields of the form in which a plan is edited: one a step, and one for more. */
export const EDIT = { step: 'step_', more: 'more_steps', action: 'step_text' } as const;

/** Value of a decision's button: which request, and which of its items, the person saw. */
export interface ButtonValue {
  run: string;
  request: string;
  revision: number;
  items: ShownItem[];
  /** Id of the choice that an answer's button stands for. */
  choice?: string;
}

export function encodeButton(value: ButtonValue): string {
  return JSON.stringify(value);
}

/** Reads a button's value; undefined where it isn't one of ours. */
export function decodeButton(json: string | undefined): ButtonValue | undefined {
  const { run, request, revision, items, choice } = parseObject(json);
  if (typeof run !== 'string' || typeof request !== 'string' || typeof revision !== 'number')
    return undefined;
  if (!Array.isArray(items) || items.length === 0 || !items.every(isShownItem)) return undefined;
  return { run, request, revision, items, ...(typeof choice === 'string' && { choice }) };
}

function isShownItem(value: unknown): value is ShownItem {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'id' in value && typeof value.id === 'string' && 'digest' in value && typeof value.digest === 'string'
  );
}

/** Reads the value of `Retry`: the run, and which of its executions failed. */
export function decodeRetry(json: string | undefined): { run: string; executionId: string } | undefined {
  const { run, executionId } = parseObject(json);
  return typeof run === 'string' && typeof executionId === 'string' ? { run, executionId } : undefined;
}

/** Reads the run that a button is about. */
export function decodeRun(json: string | undefined): string | undefined {
  const { run } = parseObject(json);
  return typeof run === 'string' ? run : undefined;
}

/** Reads the value of a schedule's `Save`: all that was shown. */
export function decodeDraft(json: string | undefined): ScheduleDraft | undefined {
  const { id, cron, timeZone, channel, goal } = parseObject(json);
  if (typeof id !== 'string' || typeof cron !== 'string' || typeof timeZone !== 'string') return undefined;
  return typeof channel === 'string' && typeof goal === 'string'
    ? { id, cron, timeZone, channel, goal }
    : undefined;
}

/** Reads the schedule that a button is about. */
export function decodeSchedule(json: string | undefined): string | undefined {
  const { schedule } = parseObject(json);
  return typeof schedule === 'string' ? schedule : undefined;
}

/** Reads an object out of JSON that came back from Slack; an empty one where it is none. */
export function parseObject(json: string | undefined): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(json ?? '');
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
