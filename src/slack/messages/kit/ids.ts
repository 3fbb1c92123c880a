import { z } from 'zod';

/** action_ids of the buttons. */
export const ACTIONS = {
  approve: 'plan_approve',
  reject: 'plan_reject',
  changes: 'plan_changes',
  more: 'plan_more',
  approveTool: 'tool_approve',
  rejectTool: 'tool_reject',
  approveAllTool: 'tool_approve_all',
  editTool: 'tool_edit',
  exactInput: 'tool_input',
  answer: 'question_answer',
  stop: 'run_stop',
  retry: 'run_retry',
  startAgain: 'run_start_again',
  details: 'run_details',
  openCard: 'open_card',
  startGoal: 'goal_start',
  dismissGoal: 'goal_dismiss',
  saveSchedule: 'schedule_save',
  discardSchedule: 'schedule_discard',
  pauseSchedule: 'schedule_pause',
  resumeSchedule: 'schedule_resume',
  runSchedule: 'schedule_run',
  deleteSchedule: 'schedule_delete',
} as const;

/** Prefix of the action_id of each choice of a question; the choice's index follows. */
export const CHOICE = 'question_option_';

/** Prefix of the action_id of each button that allows a tool for the rest of the run; an index follows. */
export const ALWAYS_ALLOW = 'tool_always_allow_';

/** The optional note on a card, or beside actions: there a number may follow the block's id. */
export const NOTE = { block: 'note', action: 'note_text' } as const;

/** callback_ids of the modals. */
export const VIEWS = {
  reject: 'reject_plan',
  changes: 'change_plan',
  edit: 'edit_plan',
  extend: 'extend_plan',
  editCall: 'edit_call',
  details: 'run_story',
} as const;

/** Choice of how much longer a plan waits. */
export const EXTENSION = { block: 'extension', action: 'extension_time' } as const;

/** The field for a person's own words, in a question or a modal. */
export const ANSWER = { block: 'answer', action: 'answer_text' } as const;

/** Fields of the modal in which a tool call is edited: one for each argument, or one for all of them as JSON. */
export const ARGUMENT = { block: 'argument_', json: 'arguments', action: 'argument_value' } as const;

/** Fields of the modal in which a plan is edited: one for each step, and one for new steps. */
export const EDIT = { step: 'step_', more: 'more_steps', action: 'step_text' } as const;

const buttonValue = z.object({
  run: z.string(),
  request: z.string(),
  revision: z.number(),
  items: z.array(z.object({ id: z.string(), digest: z.string() })).min(1),
  choice: z.string().exactOptional(),
});

/** Value of a decision's button: the request, and its items that the person saw. `choice`: id of an answer. */
export type ButtonValue = z.infer<typeof buttonValue>;

export function encodeButton(value: ButtonValue): string {
  return JSON.stringify(value);
}

/** Reads the value of a decision's button. Like the other readers, it returns undefined for a foreign value. */
export const decodeButton = decoder(buttonValue);

/** Entries of a card's menu that open a form, by the letter in their value. */
const MENU_FORMS = { e: 'edit', x: 'extend' } as const;
type MenuForm = (typeof MENU_FORMS)[keyof typeof MENU_FORMS];
const MENU_DETAILS = 'd';

/** Entry in a card's menu. */
export type MenuChoice = { choice: MenuForm; about: ButtonValue } | { choice: 'details'; run: string };

/**
 * Value of an entry in a card's menu. Slack takes 150 characters, too few for a button's value in JSON, and two of them are ids of 36. Source: Slack's
 * "Option object".
 */
export function encodeMenu(entry: MenuChoice): string {
  if (entry.choice === 'details') return `${MENU_DETAILS} ${entry.run}`;
  const { run, request, revision, items } = entry.about;
  const [item] = items;
  const letter = entry.choice === 'edit' ? 'e' : 'x';
  return [letter, run, request, revision, item?.id, item?.digest].join(' ');
}

/** Reads the value of an entry in a card's menu. */
export function decodeMenu(value: string | undefined): MenuChoice | undefined {
  const [letter, run, ...parts] = (value ?? '').split(' ');
  if (letter === MENU_DETAILS && run && parts.length === 0) return { choice: 'details', run };
  const [request, revision, id, digest, ...rest] = parts;
  const choice = letter === 'e' || letter === 'x' ? MENU_FORMS[letter] : undefined;
  if (!choice || !run || !request || !revision || !id || !digest || rest.length > 0) return undefined;
  const about = buttonValue.safeParse({ run, request, revision: Number(revision), items: [{ id, digest }] });
  return about.success ? { choice, about: about.data } : undefined;
}

/** Reads the value of `Retry`: the run, and its failed execution. */
export const decodeRetry = decoder(z.object({ run: z.string(), executionId: z.string() }));

/** Value of `Details`. `head`: end of the run's chain in the ledger when the card was finished. The message keeps it outside the database. */
const shownRun = z.object({
  run: z.string(),
  head: z.object({ sequence: z.number(), hash: z.string() }).exactOptional(),
});

/** Reads the value of `Details`. */
export const decodeDetails = decoder(shownRun);

/** Reads the run from a button's value. */
export const decodeRun = decoder(z.object({ run: z.string() }).transform(({ run }) => run));

const draft = {
  id: z.string(),
  cron: z.string(),
  timeZone: z.string(),
  channel: z.string(),
  goal: z.string(),
};

/** Reads the value of a schedule's `Save`: every shown field. */
export const decodeDraft = decoder(z.object(draft));

const askedGoal = z.object({
  goal: z.string(),
  /** Short id for the run. */
  id: z.string(),
  /** User id of the requester. */
  user: z.string(),
  /** Channel of the command or mention. */
  channel: z.string(),
  /** Thread for the card. */
  thread: z.string().exactOptional(),
  /** The `ts` of the mention, if its thread or its files are to be read. */
  mention: z.string().exactOptional(),
});

/** Value of the button that starts a run for a text that may be a goal. */
export type AskedGoal = z.infer<typeof askedGoal>;

/** Reads the goal that its requester was asked about. */
export const decodeGoal = decoder(askedGoal);

/** Reads the schedule's id from a button's value. */
export const decodeSchedule = decoder(
  z.object({ schedule: z.string() }).transform((value) => value.schedule),
);

function decoder<T>(schema: z.ZodType<T>): (json: string | undefined) => T | undefined {
  return (json) => schema.safeParse(parseObject(json)).data;
}

/** Parses an object from JSON that Slack returned; an empty object for any other text. */
export function parseObject(json: string | undefined): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(json ?? '');
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
