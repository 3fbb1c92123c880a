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

/** An option of a question is a button of its own; its index follows. */
export const OPTION = 'question_option_';

/** The optional note on a card. */
export const NOTE = { block: 'note', action: 'note_text' } as const;

/** The modals, by callback_id, and their one input. */
export const VIEWS = {
  reject: 'reject_plan',
  changes: 'change_plan',
  edit: 'edit_plan',
  story: 'run_story',
} as const;
export const ANSWER = { block: 'answer', action: 'answer_text' } as const;

/** The fields of the form in which a plan is edited: one a step, and one for more. */
export const EDIT = { step: 'step_', more: 'more_steps', action: 'step_text' } as const;

/** What a decision's button carries: exactly which plan, or tool call, the person saw. */
export interface ButtonRef {
  run: string;
  request: string;
  revision: number;
  /** SHA-256 of the plan, or of the tool call, in hex. */
  digest: string;
}

/** What a question's button carries. */
export interface QuestionRef {
  run: string;
  question: string;
  /** From 0; unset on the button of an answer in one's own words. */
  option?: number;
}

export function encodeRef(ref: ButtonRef): string {
  return JSON.stringify(ref);
}

/** Reads a button's value; undefined where it isn't one of ours. */
export function decodeRef(value: string | undefined): ButtonRef | undefined {
  const { run, request, revision, digest } = parseObject(value);
  if (typeof run !== 'string' || typeof request !== 'string') return undefined;
  if (typeof revision !== 'number' || typeof digest !== 'string') return undefined;
  return { run, request, revision, digest };
}

/** Reads a question's button; undefined where it isn't one of ours. */
export function decodeQuestion(value: string | undefined): QuestionRef | undefined {
  const { run, question, option } = parseObject(value);
  if (typeof run !== 'string' || typeof question !== 'string') return undefined;
  return { run, question, ...(typeof option === 'number' && { option }) };
}

/** What `Retry` carries: the run, and which of its attempts failed. */
export function decodeRetry(value: string | undefined): { run: string; attempt: string } | undefined {
  const { run, attempt } = parseObject(value);
  return typeof run === 'string' && typeof attempt === 'string' ? { run, attempt } : undefined;
}

/** The run that a button is about. */
export function decodeRun(value: string | undefined): string | undefined {
  const { run } = parseObject(value);
  return typeof run === 'string' ? run : undefined;
}

/** What `Save` carries: all that was shown. */
export interface ScheduleDraft {
  id: string;
  cron: string;
  timeZone: string;
  channel: string;
  goal: string;
}

export function decodeDraft(value: string | undefined): ScheduleDraft | undefined {
  const { id, cron, timeZone, channel, goal } = parseObject(value);
  if (typeof id !== 'string' || typeof cron !== 'string' || typeof timeZone !== 'string') return undefined;
  return typeof channel === 'string' && typeof goal === 'string'
    ? { id, cron, timeZone, channel, goal }
    : undefined;
}

/** The schedule that a button is about. */
export function decodeSchedule(value: string | undefined): string | undefined {
  const { schedule } = parseObject(value);
  return typeof schedule === 'string' ? schedule : undefined;
}

/** An object out of JSON that came back from Slack; an empty one where it is none. */
export function parseObject(json: string | undefined): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(json ?? '');
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
