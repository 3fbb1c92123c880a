import { z } from 'zod';
import { CALL_OUTCOMES, type Checkpoint, type EventData, type EventKind } from '../../run/event.js';
import type { StoredEntry } from '../chain.js';
import {
  budget,
  budgetPart,
  callWithoutInput,
  cardState,
  decision,
  messageRef,
  outcome,
  person,
  plan,
  policy,
  refusal,
  requestItem,
  runEnd,
  source,
  usage,
} from './parts.js';
import { list, number, object, oneOf, optional, text, texts } from './schema.js';

/** An event as it is stored in the ledger. */
export type LedgerEntry<K extends EventKind = EventKind> = Checkpoint<K> & {
  sequence: number;
  previous: string;
  hash: string;
};

/** An entry that is no event of this version, for example a tampered one. */
export interface ForeignEntry extends StoredEntry {
  /** Reason why it is foreign, as a text. */
  foreign: string;
}

const about = { request: text, item: text };
const mentioned = { ...about, mentioned: texts };

type Refused<Key extends string> = Extract<EventData['refused'], Record<Key, unknown>>;

const DATA: { [K in EventKind]: z.ZodType<EventData[K]> } = {
  started: object({
    goal: text,
    requester: person,
    channel: text,
    policy,
    thread: optional(text),
    followUp: optional(object({ shortId: text, goal: text, title: text, result: text })),
    mention: optional(messageRef),
    schedule: optional(text),
    retriedBy: optional(person),
  }),
  read: object({
    messages: number,
    older: number,
    files: list(object({ name: text, isCut: optional(z.literal(true)) })),
    unread: list(object({ name: text, why: text })),
    digest: text,
    problem: optional(text),
  }),
  searched: object({ summary: text, sources: list(source), unsearched: optional(text), usage }),
  planned: object({
    plan,
    revision: number,
    digest: text,
    editedBy: optional(person),
    usage: optional(usage),
  }),
  requested: object({ id: text, revision: number, items: list(requestItem) }),
  posted: object({
    message: messageRef,
    request: optional(text),
    item: optional(text),
    also: optional(texts),
    copy: optional(z.literal(true)),
  }),
  voted: object({ ...about, decision, votes: number, of: number }),
  lapsed: object({ ...about, decision }),
  extended: object({ ...about, decision, expiresAt: text }),
  reminded: object(mentioned),
  escalated: object({ ...mentioned, policy }),
  notified: object({ ...about, messages: list(messageRef) }),
  decided: object({ ...about, outcome }),
  refused: z.union([
    object<Refused<'decision'>>({ decision, refusal, times: optional(number) }),
    object<Refused<'by'>>({
      by: person,
      reason: oneOf({
        'cannot-cancel': true,
        'cannot-retry': true,
        'cannot-see-details': true,
        'other-message': true,
      }),
      times: optional(number),
    }),
    object<Extract<EventData['refused'], { reason: 'malformed' }>>({
      reason: z.literal('malformed'),
      times: optional(number),
    }),
  ]),
  turned: object({
    ...{ turn: number, text, calls: texts, usage, notes: optional(texts), refusedTools: optional(texts) },
  }),
  'tool-called': object({
    call: callWithoutInput,
    outcome: z.enum(CALL_OUTCOMES),
    text,
    cut: optional(z.literal(true)),
  }),
  granted: object({ part: budgetPart, budget, by: person }),
  executed: object({ text }),
  continued: z.object({}).transform(() => ({})),
  ended: runEnd,
  unshown: object({ message: messageRef, state: cardState, revision: optional(number) }),
  repaired: object({ messages: list(messageRef), state: text }),
};

/** Longest timestamp, in characters. */
const MOMENT_CHARS = 40;

/** Decodes an entry of the ledger. An entry that doesn't match becomes a `ForeignEntry`; nothing is thrown. */
export function decode(entry: StoredEntry): LedgerEntry | ForeignEntry {
  const { kind, at, erasedAt, unreadable } = entry;
  const foreign = (why: string): ForeignEntry => ({ ...entry, foreign: why });
  if (erasedAt !== undefined) return foreign(`erased on ${erasedAt}`);
  if (unreadable !== undefined) return foreign(unreadable);
  if (!isKind(kind)) return foreign('no kind of event that this version knows');
  if (at.length > MOMENT_CHARS || Number.isNaN(Date.parse(at))) return foreign('no moment');
  const parsed = parse(entry.data);
  if (parsed === undefined) return foreign('no JSON');
  return decodeAs(kind, entry, parsed.value) ?? foreign(`not the data of "${kind}"`);
}

/** Decodes the entries, without the foreign ones. */
export function eventsIn(entries: StoredEntry[]): LedgerEntry[] {
  return entries.map(decode).filter((entry): entry is LedgerEntry => !isForeign(entry));
}

export function isForeign(entry: LedgerEntry | ForeignEntry): entry is ForeignEntry {
  return 'foreign' in entry;
}

/** Makes an entry printable, with its data decoded. */
export function printable(entry: StoredEntry) {
  const decoded = decode(entry);
  const { erasedAt, unreadable: _told, ...rest } = entry;
  if (erasedAt !== undefined) return { ...rest, data: null, erasedAt };
  const data: unknown = parse(entry.data)?.value ?? entry.data;
  return { ...rest, data, ...(isForeign(decoded) && { foreign: decoded.foreign }) };
}

function decodeAs<K extends EventKind>(kind: K, entry: StoredEntry, value: unknown): LedgerEntry | undefined {
  const schema: z.ZodType<EventData[K]> = DATA[kind];
  const { success, data } = schema.safeParse(value);
  // The schema belongs to the kind; the compiler can't infer that for a generic kind.
  return success ? ({ ...entry, kind, data } as LedgerEntry) : undefined;
}

function isKind(kind: string): kind is EventKind {
  return Object.hasOwn(DATA, kind);
}

function parse(json: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(json) };
  } catch {
    return undefined;
  }
}
