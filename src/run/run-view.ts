import type { Decision } from '../approval/decision.js';
import { type Person, samePerson } from '../approval/person.js';
import type { ApprovalPolicy } from '../approval/policy.js';
import { type ApprovalItem, isVerdict } from '../approval/request.js';
import { clip } from '../platform/cut.js';
import type { Checkpoint, EventData, EventKind, ItemRef, RunEvent } from './event.js';
import type { MessageRef } from './message.js';
import type { RunRequest, Subject } from './request.js';
import type { RunEnd } from './state.js';

/** State of a run. `gone`: Temporal ended the run, or no longer knows it. */
export type ViewState = 'working' | 'waiting' | 'executing' | RunEnd['state'];

/** An open item of a request. */
export interface OpenItem extends ApprovalItem {
  request: string;
  revision: number;
  subject: Subject['kind'];
  /** Its message in the thread; unset on a plan, which the card shows. */
  message?: MessageRef;
}

/** State of a run, reduced from its events. The ledger stores it beside the events, and can rebuild it. */
export interface RunView {
  shortId: string;
  goal: string;
  requester: Person;
  channel: string;
  state: ViewState;
  /** Id of the schedule that started it. */
  schedule?: string;
  /** Title of the newest plan. */
  title?: string;
  /** Beginnings of the titles of its first steps, and the number of all. */
  outline?: { steps: string[]; of: number };
  /** The plan's policy, including its escalation. */
  policy: ApprovalPolicy;
  /** Approvals of the newest plan. */
  votes: Decision[];
  /** People who edited the plan, or asked for changes. */
  editors: Person[];
  /** True once the newest plan was approved. A retried run continues from there. */
  approved: boolean;
  /** Open items, oldest first. */
  open: OpenItem[];
  /** Earliest expiry of the open items, ISO 8601. */
  expiresAt?: string;
  /** The newest card; never a copy. */
  card?: MessageRef;
  /** The newest card, until the next plan or the end of the run. */
  openCard?: MessageRef;
  /** Keys of the events about messages that may not show the run's end. */
  messages: { key: string; kind: 'posted' | 'notified' | 'unshown' }[];
  end?: RunEnd['state'];
  /** Person who rejected or stopped it. */
  endedBy?: Person;
  /** Time of the command, ISO 8601. */
  startedAt: string;
  /** Time of the last change that people see, ISO 8601. */
  changedAt: string;
}

/** Events that change a run in App Home and in lists. */
const VISIBLE = new Set<string>([
  'started',
  'requested',
  'posted',
  'voted',
  'lapsed',
  'extended',
  'escalated',
  'decided',
  'ended',
] satisfies EventKind[]);

export function isVisible({ kind }: { kind: string }): boolean {
  return VISIBLE.has(kind);
}

/** View of a run after all of its events; undefined without the first one. */
export function viewOf(events: Checkpoint[]): RunView | undefined {
  return events.reduce(reduce, undefined as RunView | undefined);
}

export function reduce(view: RunView | undefined, event: Checkpoint): RunView | undefined {
  if (event.kind === 'started') return withState(begin(view, event));
  if (!view) return undefined;
  // An expired item waits for nobody after the run's next event. Decisions and extensions in time may come later; listeners write refusals.
  const about = itemOf(event);
  const isAbout = ({ request, id }: OpenItem) => request === about?.request && id === about.item;
  const isOpen = (item: OpenItem) => event.kind === 'refused' || item.expiresAt >= event.at || isAbout(item);
  const changedAt = isVisible(event) ? event.at : view.changedAt;
  return withState(change({ ...view, open: view.open.filter(isOpen), changedAt }, event));
}

/** True if a run has ended and its messages show that, so that the reconciler has no work. */
export function isSettled({ end, messages }: RunView): boolean {
  if (end === undefined) return false;
  return messages.every(({ kind }) => end !== 'gone' && kind !== 'unshown');
}

/** Messages in which a run asks people: those of its open items in the thread, else its card until the next plan or the end. */
export function askingMessages({ open, openCard }: RunView): MessageRef[] {
  // Several items may share one message.
  const inThread = [
    ...new Map(open.flatMap(({ message }) => (message ? [[message.ts, message] as const] : []))).values(),
  ];
  return inThread.length > 0 || !openCard ? inThread : [openCard];
}

/** State of an item after an event about it. */
export function itemAfter<T extends ApprovalItem>(item: T, event: RunEvent): T {
  switch (event.kind) {
    case 'voted':
      return { ...item, votes: [...item.votes, event.data.decision] };
    case 'lapsed': {
      const { by } = event.data.decision;
      return { ...item, votes: item.votes.filter((vote) => !samePerson(vote.by, by)) };
    }
    case 'extended':
      return { ...item, expiresAt: event.data.expiresAt };
    case 'escalated':
      return { ...item, policy: event.data.policy };
    case 'decided': {
      const { outcome } = event.data;
      return { ...item, outcome, ...(isVerdict(outcome) && { votes: outcome.votes }) };
    }
    default:
      return item;
  }
}

/** True if a posted message is the run's card or a copy of it. The plan's item has no message of its own. */
function isCard({ item }: EventData['posted']): boolean {
  return item === undefined || item === 'plan';
}

/** Item that an event is about; undefined for a card. */
export function itemOf({ kind, data }: RunEvent): ItemRef | undefined {
  if (kind === 'posted' && isCard(data)) return undefined;
  if (!('request' in data && 'item' in data)) return undefined;
  const { request, item } = data;
  return request === undefined || item === undefined ? undefined : { request, item };
}

/** A retried run continues with its plan and its card. */
function begin(view: RunView | undefined, { shortId, at, data }: Checkpoint<'started'>): RunView {
  const { goal, requester, channel, policy, schedule } = data;
  const {
    end: _end,
    endedBy: _by,
    ...kept
  } = view ?? {
    votes: [],
    editors: [],
    approved: false,
    messages: [],
    startedAt: at,
  };
  const asked = { shortId, goal, requester, channel, policy, ...(schedule && { schedule }) };
  return { ...kept, ...asked, open: [], state: 'working', changedAt: at };
}

function change(view: RunView, event: Checkpoint): RunView {
  const { key, kind } = event;
  switch (kind) {
    case 'planned': {
      const { openCard: _closed, ...rest } = view;
      const messages = view.messages.filter((message) => message.kind === 'unshown');
      const { title, steps } = event.data.plan;
      return { ...rest, title, outline: outlineOf(steps), messages };
    }
    case 'requested':
      return requested(view, event.data);
    case 'posted':
      return posted({ ...view, messages: [...view.messages, { key, kind }] }, event.data);
    case 'notified':
    case 'unshown':
      return { ...view, messages: [...view.messages, { key, kind }] };
    case 'repaired':
      return { ...view, messages: view.messages.filter((message) => `repaired/${message.key}` !== key) };
    case 'ended': {
      const { openCard: _closed, ...rest } = view;
      const by = endedBy(event.data);
      return { ...rest, open: [], end: event.data.state, ...(by && { endedBy: by }) };
    }
    default:
      return decideItem(view, event);
  }
}

/** Limits for an outline: steps, and characters of a title. */
const OUTLINE = { steps: 5, title: 80 } as const;

function outlineOf(steps: readonly { title: string }[]): RunView['outline'] & object {
  return {
    steps: steps.slice(0, OUTLINE.steps).map(({ title }) => clip(title, OUTLINE.title)),
    of: steps.length,
  };
}

function endedBy(end: RunEnd): Person | undefined {
  if (end.state === 'rejected') return end.decision.by;
  return end.state === 'cancelled' ? end.by : undefined;
}

function requested(view: RunView, { id, revision, items }: RunRequest): RunView {
  const asked = items.map(
    ({ subject, ...item }): OpenItem => ({ ...item, request: id, revision, subject: subject.kind }),
  );
  const open = [...view.open, ...asked];
  const plan = asked.find(({ subject }) => subject === 'plan');
  return plan ? { ...withPlan(view, plan), open, approved: false } : { ...view, open };
}

/** A run's policy, votes and editors are those of its plan. */
function withPlan(view: RunView, { policy, votes, editors }: OpenItem): RunView {
  return { ...view, policy, votes, editors: editors ?? view.editors };
}

function posted(view: RunView, data: EventData['posted']): RunView {
  const { message, request, item, also = [], copy } = data;
  if (isCard(data)) return copy ? view : { ...view, card: message, openCard: message };
  const isOf = (open: OpenItem) => open.request === request && (open.id === item || also.includes(open.id));
  return { ...view, open: view.open.map((open) => (isOf(open) ? { ...open, message } : open)) };
}

function decideItem(view: RunView, event: Checkpoint): RunView {
  const about = itemOf(event);
  const found = about && view.open.find(({ request, id }) => request === about.request && id === about.item);
  if (!found) return event.kind === 'decided' ? decideExpired(view, event.data) : view;
  const after = itemAfter(found, event);
  const open = view.open.flatMap((item) => (item !== found ? item : after.outcome ? [] : after));
  if (after.subject !== 'plan') return { ...view, open };
  return { ...withPlan(view, after), open, approved: after.outcome?.kind === 'approve' };
}

/** A decision that was in time may be recorded after another event, when the plan already counts as expired. */
function decideExpired(view: RunView, { item, outcome }: EventData['decided']): RunView {
  if (item !== 'plan' || !isVerdict(outcome)) return view;
  return { ...view, votes: outcome.votes, approved: outcome.kind === 'approve' };
}

function withState(view: RunView): RunView {
  const { expiresAt: _before, ...rest } = view;
  const [first] = view.open.map(({ expiresAt }) => expiresAt).toSorted();
  const working = view.approved ? 'executing' : 'working';
  const state = view.end ?? (first === undefined ? working : 'waiting');
  return { ...rest, state, ...(first !== undefined && { expiresAt: first }) };
}
