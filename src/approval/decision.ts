import { showHidden } from './hidden-text.js';
import type { Person } from './person.js';

/** Kinds of decision. `answer` answers a question; the others decide about a plan or a tool call. */
export const DECISION_KINDS = ['approve', 'reject', 'changes', 'edit', 'extend', 'answer'] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/** An item of a request as a person saw it. */
export interface ShownItem {
  id: string;
  /** SHA-256 of the plan or of the tool call, in hex; empty for a question. */
  digest: string;
}

export interface PlanStep {
  title: string;
  /** One or two sentences; may be empty. */
  detail: string;
}

/** One click or modal submission, as the signals `humanApprove` and `humanAnswer` carry it. */
export interface Decision {
  kind: DecisionKind;
  /** Id of the request, from the button. */
  request: string;
  /** Revision of the plan to which the request belongs. */
  revision: number;
  /** Items that the decision is about. `Approve all` carries every item that was shown. */
  items: ShownItem[];
  by: Person;
  /** Message whose button was clicked, by its `ts`, or `home` for App Home. For a modal: the message from which it was opened. */
  clickedOn?: string;
  /** An approval's note, a rejection's reason, the changes asked for, or an answer in the person's own words; may be empty. */
  note: string;
  /** Time at which the service received the decision from Slack, ISO 8601. */
  at: string;
  /** Time of the click by Slack's clock, ISO 8601; unset for a modal, which carries no time. */
  slackAt?: string;
  /** For an edit of a plan: the new steps. */
  steps?: PlanStep[];
  /** For an extension: the new expiry, ISO 8601. */
  until?: string;
  /** For an edit of a tool call: its new arguments. */
  input?: Record<string, unknown>;
  /** For an answer: id of the choice; unset for an answer in the person's own words. */
  choice?: string;
  /** For an approval of a tool call: true if it covers every later call of this tool in this run. */
  everyCall?: boolean;
}

/** A decision on its way to the workflow. */
export interface SentDecision extends Decision {
  /** Slack's answer to the listener: false for a person who may not decide (unknown, a bot, deactivated). Unset: the workflow asks Slack itself. */
  isKnown?: boolean;
}

/** Limit for a note, in characters. Slack's text fields take 3,000. */
const LONGEST_NOTE = 10_000;

/** Limit for the items of a decision. A message shows fewer. */
const MOST_ITEMS = 100;

/** Parses a signal's payload, which anyone with access to the namespace may have sent. Its texts hide nothing. Undefined when it is no decision. */
export function parseDecision(payload: unknown): Decision | undefined {
  const { request, revision, clickedOn, note, at, slackAt, until, choice, everyCall, ...rest } =
    fieldsOf(payload);
  const kind = DECISION_KINDS.find((known) => known === rest.kind);
  const by = parsePerson(rest.by);
  const items = listOf(rest.items, parseItem);
  if (!kind || !by || !items || items.length === 0 || items.length > MOST_ITEMS) return undefined;
  if (!isId(request) || typeof revision !== 'number' || !isMoment(at)) return undefined;
  if (typeof note === 'string' && note.length > LONGEST_NOTE) return undefined;
  const steps = kind === 'edit' ? listOf(rest.steps, parseStep) : undefined;
  const input = kind === 'edit' && !steps ? parseArguments(rest.input) : undefined;
  if (kind === 'edit' && !steps && !input) return undefined;
  if (kind === 'extend' && !isMoment(until)) return undefined;
  return {
    ...{ kind, request, revision, items, by },
    ...(isId(clickedOn) && { clickedOn }),
    note: typeof note === 'string' ? showHidden(note) : '',
    at: new Date(at).toISOString(),
    ...(isMoment(slackAt) && { slackAt: new Date(slackAt).toISOString() }),
    ...(steps && { steps }),
    ...(kind === 'extend' && isMoment(until) && { until: new Date(until).toISOString() }),
    ...(input && { input }),
    ...(kind === 'answer' && isId(choice) && { choice }),
    ...(kind === 'approve' && everyCall === true && { everyCall }),
  };
}

/** Reads from a signal's payload what Slack said about the person; undefined when Slack wasn't asked. */
export function parseIsKnown(payload: unknown): boolean | undefined {
  const { isKnown } = fieldsOf(payload);
  return typeof isKnown === 'boolean' ? isKnown : undefined;
}

/** Parses a person from untrusted data. Undefined when the data is invalid. */
export function parsePerson(value: unknown): Person | undefined {
  const { team, user, enterprise } = fieldsOf(value);
  if (!isId(team) || !isId(user) || user === '') return undefined;
  return { team, user, ...(isId(enterprise) && { enterprise }) };
}

function parseItem(value: unknown): ShownItem | undefined {
  const { id, digest } = fieldsOf(value);
  return isId(id) && isId(digest) ? { id, digest } : undefined;
}

function parseStep(value: unknown): PlanStep | undefined {
  const { title, detail } = fieldsOf(value);
  if (typeof title !== 'string' || typeof detail !== 'string') return undefined;
  return { title: showHidden(title), detail: showHidden(detail) };
}

/** Limits for edited arguments: characters of their texts and names, and levels. A form takes far less. */
const MOST_TEXT = 200_000;
const MOST_LEVELS = 30;

/** Takes the arguments of a tool call as they are. Undefined for none, or for some beyond the limits. It goes through them without recursion. */
function parseArguments(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  let left = MOST_TEXT;
  let level: unknown[] = [value];
  for (let levels = 0; level.length > 0; levels += 1) {
    if (levels > MOST_LEVELS) return undefined;
    const entries = level.flatMap((part) => Object.entries(part as object));
    for (const [key, part] of entries) {
      left -= 1 + key.length + (typeof part === 'string' ? part.length : 0);
      if (left < 0) return undefined;
    }
    level = entries.map(([, part]) => part).filter((part) => typeof part === 'object' && part !== null);
  }
  return { ...value };
}

function listOf<T>(value: unknown, parse: (part: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const parts = value.map(parse).filter((part) => part !== undefined);
  return parts.length === value.length ? parts : undefined;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** True for a text that is short enough for an id or a digest. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 200;
}

function isMoment(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
