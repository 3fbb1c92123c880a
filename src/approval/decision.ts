import type { Person } from './person.js';

/** `answer` answers a question; the others decide about a plan or a tool call. */
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
  /** Revision of the plan that the request is about, or belongs to. */
  revision: number;
  /** Those that the person decides about; `Approve all` carries all that were shown. */
  items: ShownItem[];
  by: Person;
  /** An approval's note, a rejection's reason, the changes that are asked for, an answer in one's own words; may be empty. */
  note: string;
  /** When we had it from Slack, ISO 8601. */
  at: string;
  /** When Slack says that the person acted, ISO 8601; Slack doesn't say for a modal. */
  slackAt?: string;
  /** An edit's: the steps as they should be. */
  steps?: PlanStep[];
  /** An answer's: id of the choice that was taken; unset for one's own words. */
  choice?: string;
  /** An approval's of a tool call: every later call of this tool in this run, too. */
  everyCall?: boolean;
}

/** Slack's fields take 3000 characters; nothing longer comes from a person. */
const LONGEST_NOTE = 10_000;

/** More items than a message can show were not shown. */
const MOST_ITEMS = 100;

/** Reads a signal's payload, which anyone with access to the namespace may have sent. Undefined when it is not a decision. */
export function parseDecision(payload: unknown): Decision | undefined {
  const { request, revision, note, at, slackAt, choice, everyCall, ...rest } = fieldsOf(payload);
  const kind = DECISION_KINDS.find((known) => known === rest.kind);
  const by = parsePerson(rest.by);
  const items = listOf(rest.items, parseItem);
  if (!kind || !by || !items || items.length === 0 || items.length > MOST_ITEMS) return undefined;
  if (!isId(request) || typeof revision !== 'number' || !isMoment(at)) return undefined;
  if (typeof note === 'string' && note.length > LONGEST_NOTE) return undefined;
  const steps = kind === 'edit' ? listOf(rest.steps, parseStep) : undefined;
  if (kind === 'edit' && !steps) return undefined;
  return {
    ...{ kind, request, revision, items, by },
    note: typeof note === 'string' ? note : '',
    at: new Date(at).toISOString(),
    ...(isMoment(slackAt) && { slackAt: new Date(slackAt).toISOString() }),
    ...(steps && { steps }),
    ...(kind === 'answer' && isId(choice) && { choice }),
    ...(kind === 'approve' && everyCall === true && { everyCall }),
  };
}

/** A person out of untrusted data. */
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
  return typeof title === 'string' && typeof detail === 'string' ? { title, detail } : undefined;
}

function listOf<T>(value: unknown, parse: (part: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const parts = value.map(parse).filter((part) => part !== undefined);
  return parts.length === value.length ? parts : undefined;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** An id, or a digest: nothing longer is one. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 200;
}

function isMoment(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
