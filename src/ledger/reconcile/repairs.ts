import type { AskingCard } from '../../activities/types.js';
import type { Decision } from '../../approval/judge.js';
import type { Person } from '../../approval/person.js';
import type { Card, CardState } from '../../run/card.js';
import { lastStateOf } from '../../run/last-state.js';
import type { Checkpoint, MessageRef, PlanRevision } from '../../run/run.js';
import type { QuestionCard, ThreadMessage, ToolCard } from '../../run/thread.js';

/** What a message must show instead of what it does. */
type Due =
  | { what: 'card'; ref: MessageRef; card: Card }
  | { what: 'thread'; ref: MessageRef; message: ToolCard | QuestionCard }
  /** Direct messages, about what stands `at`. */
  | { what: 'notices'; messages: MessageRef[]; at: MessageRef; card: AskingCard }
  /** The ledger knows too little of it to draw it. */
  | { what: 'nothing' };

/** `key`: of the entry that tells of the message. */
export type Repair = Due & { key: string };

/** What the entries of a run's messages tell. */
interface Data {
  card: MessageRef;
  copy: boolean;
  /** The tool call or the question that it is about; unset: the plan. */
  ask: string;
  message: ThreadMessage;
  messages: MessageRef[];
  state: CardState;
  revision: number;
  decision: Decision;
  votes: Decision[];
}

type Gone = Extract<CardState, { kind: 'gone' }>;

/** Whether the ledger knows of the run's end; one that is tried again has none any more. */
export function isEnded(entries: Checkpoint[]): boolean {
  return lastTurn(entries)?.kind === 'ended';
}

function lastTurn(entries: Checkpoint[]): Checkpoint | undefined {
  return entries.findLast(({ kind }) => kind === 'started' || kind === 'ended');
}

/**
 * What there is to repair of a run that has ended: what it could not bring to its last state itself, and, where it was ended from
 * outside, all that may still ask people something.
 */
export function repairsOf(entries: Checkpoint[]): Repair[] {
  const gone = goneIn(entries);
  const planned = entries.findLastIndex(({ kind }) => kind === 'planned');
  return entries.flatMap((entry, at): Repair[] => {
    const { key, kind } = entry;
    if (entries.some((other) => other.key === `repaired/${key}`)) return [];
    const data = (entry.data ?? {}) as Partial<Data>;
    if (kind === 'unshown') return [{ key, ...unshown(entries, data) }];
    // What asked about an earlier plan was closed when that was sent back.
    if (!gone || at < planned) return [];
    if (kind === 'posted') return [{ key, ...posted(entries, data, gone) }];
    return kind === 'notified' ? [{ key, ...notified(entries, data, gone) }] : [];
  });
}

function goneIn(entries: Checkpoint[]): Gone | undefined {
  const last = lastTurn(entries);
  const { state, why } = (last?.data ?? {}) as { state?: string; why?: Gone['why'] };
  if (last?.kind !== 'ended' || state !== 'gone') return undefined;
  return { kind: 'gone', at: last.at, why: why ?? 'unknown' };
}

function unshown(entries: Checkpoint[], { card: ref, state, revision }: Partial<Data>): Due {
  const card = state && cardFrom(entries, state, revision);
  return ref && card ? { what: 'card', ref, card } : { what: 'nothing' };
}

function posted(entries: Checkpoint[], { card: ref, ask, message }: Partial<Data>, gone: Gone): Due {
  if (ask !== undefined) {
    const last = message && lastStateOf(message, entries);
    return ref && last ? { what: 'thread', ref, message: last } : { what: 'nothing' };
  }
  const card = cardFrom(entries, gone);
  return ref && card ? { what: 'card', ref, card } : { what: 'nothing' };
}

function notified(entries: Checkpoint[], data: Partial<Data>, gone: Gone): Due {
  const { messages = [], ask, revision } = data;
  const shown = entries.flatMap(({ kind, data }) => (kind === 'posted' ? [data as Partial<Data>] : []));
  const asked = ask === undefined ? undefined : shown.find((card) => card.ask === ask);
  const plan = shown.findLast((card) => !card.copy && card.ask === undefined);
  // Without a revision it isn't known what they were about.
  const votes = revision === undefined ? undefined : approvalsIn(entries);
  const card =
    (asked?.message && lastStateOf(asked.message, entries)) ??
    cardFrom(entries, votes ? { kind: 'executing', votes } : gone);
  const at = asked?.card ?? plan?.card;
  return at && card ? { what: 'notices', messages, at, card } : { what: 'nothing' };
}

/** Those who approved the plan; undefined where it wasn't approved. */
function approvalsIn(entries: Checkpoint[]): Decision[] | undefined {
  const { decision, votes } = (entries.findLast(({ kind }) => kind === 'decided')?.data ??
    {}) as Partial<Data>;
  return decision?.kind === 'approve' ? (votes ?? [decision]) : undefined;
}

/** The run's card out of what the ledger knows of it. `revision`: of the plan that it shows; unset: the newest. */
function cardFrom(entries: Checkpoint[], state: CardState, revision?: number): Card | undefined {
  const started = entries.find(({ kind }) => kind === 'started');
  if (!started) return undefined;
  const { goal, requester } = started.data as { goal: string; requester: Person };
  const planned = entries
    .filter(({ kind }) => kind === 'planned')
    .map(({ data }) => data as PlanRevision)
    .findLast((plan) => revision === undefined || plan.revision === revision);
  const { runId } = started;
  return { runId, goal, requester, state, ...(planned && { planned }) };
}
