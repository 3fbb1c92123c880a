import type { Decision } from '../approval/decision.js';
import { type Person, samePerson } from '../approval/person.js';
import type { ApprovalPolicy } from '../approval/policy.js';
import { type ApprovalItem, isVerdict } from '../approval/request.js';
import type { Checkpoint, EventData, EventKind, ItemRef, RunEvent } from './event.js';
import type { MessageRef } from './message.js';
import type { RunRequest, Subject } from './request.js';
import type { RunEnd } from './state.js';

/** `gone`: Temporal ended the run, or knows nothing of it any more. */
export type ViewState = 'working' | 'waiting' | 'executing' | RunEnd['state'];

/** An item of a request that waits for people. */
export interface OpenItem extends ApprovalItem {
  request: string;
  revision: number;
  subject: Subject['kind'];
  /** Its message in the thread; unset on a plan, which the run's card shows. */
  message?: MessageRef;
}

/** State of a run, reduced from its events. The ledger keeps it beside the events, and can make it anew from them. */
export interface RunView {
  shortId: string;
  goal: string;
  requester: Person;
  channel: string;
  state: ViewState;
  /** The newest plan's. */
  title?: string;
  /** Policy of the plan, as it was escalated. */
  policy: ApprovalPolicy;
  /** Approvals of the newest plan. */
  votes: Decision[];
  /** Those who edited the plan by hand. */
  editors: Person[];
  /** The newest plan was approved; a run that is tried again goes on from there. */
  approved: boolean;
  /** Items that wait, the oldest first. */
  open: OpenItem[];
  /** When the first of the open items expires, ISO 8601. */
  expiresAt?: string;
  /** The newest card; not one of its copies. */
  card?: MessageRef;
  /** The newest card, until the next plan or the end of the run. */
  openCard?: MessageRef;
  /** Keys of the events about messages that may not show the end of the run. */
  messages: { key: string; kind: 'posted' | 'notified' | 'unshown' }[];
  end?: RunEnd['state'];
  /** When it was asked for, ISO 8601. */
  startedAt: string;
  /** Last change that people see, ISO 8601. */
  changedAt: string;
}

/** Events that change what App Home and lists show of a run. */
const VISIBLE = new Set<EventKind>([
  'started',
  'requested',
  'posted',
  'voted',
  'lapsed',
  'extended',
  'escalated',
  'decided',
  'ended',
]);

export function isVisible({ kind }: RunEvent): boolean {
  return VISIBLE.has(kind);
}

/** View of a run after all of its events; undefined without its beginning. */
export function viewOf(events: Checkpoint[]): RunView | undefined {
  return events.reduce(reduce, undefined as RunView | undefined);
}

/** View of a run after one more event. */
export function reduce(view: RunView | undefined, event: Checkpoint): RunView | undefined {
  if (event.kind === 'started') return withState(begin(view, event));
  if (!view) return undefined;
  // An item that has expired waits for nobody, once anything came after it; a decision in time may be on record a moment later.
  const about = itemOf(event);
  const isAbout = ({ request, id }: OpenItem) => request === about?.request && id === about.item;
  const open = view.open.filter((item) => item.expiresAt >= event.at || isAbout(item));
  const changedAt = isVisible(event) ? event.at : view.changedAt;
  return withState(change({ ...view, open, changedAt }, event));
}

/** A settled run has ended, and its messages say so: the reconciler has nothing to do about it. */
export function isSettled({ end, messages }: RunView): boolean {
  if (end === undefined) return false;
  return messages.every(({ kind }) => end !== 'gone' && kind !== 'unshown');
}

/** An item of a request after an event about it. */
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

/** A posted message is the run's card, or a copy of it, where it shows the plan: the plan's item has no message of its own. */
function isCard({ item }: EventData['posted']): boolean {
  return item === undefined || item === 'plan';
}

/** The item of a request that an event is about; none of a card. */
export function itemOf({ kind, data }: RunEvent): ItemRef | undefined {
  if (kind === 'posted' && isCard(data)) return undefined;
  if (!('request' in data && 'item' in data)) return undefined;
  const { request, item } = data;
  return request === undefined || item === undefined ? undefined : { request, item };
}

/** A run that is tried again goes on with its plan and its card. */
function begin(view: RunView | undefined, { shortId, at, data }: Checkpoint<'started'>): RunView {
  const { goal, requester, channel, policy } = data;
  const { end: _end, ...kept } = view ?? {
    votes: [],
    editors: [],
    approved: false,
    messages: [],
    startedAt: at,
  };
  return { ...kept, shortId, goal, requester, channel, policy, open: [], state: 'working', changedAt: at };
}

function change(view: RunView, event: Checkpoint): RunView {
  const { key, kind } = event;
  switch (kind) {
    case 'planned': {
      const { openCard: _closed, ...rest } = view;
      const messages = view.messages.filter((message) => message.kind === 'unshown');
      return { ...rest, title: event.data.plan.title, messages };
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
      return { ...rest, open: [], end: event.data.state };
    }
    default:
      return decideItem(view, event);
  }
}

function requested(view: RunView, { id, revision, items }: RunRequest): RunView {
  const asked = items.map(
    ({ subject, ...item }): OpenItem => ({ ...item, request: id, revision, subject: subject.kind }),
  );
  const open = [...view.open, ...asked];
  const plan = asked.find(({ subject }) => subject === 'plan');
  return plan ? { ...withPlan(view, plan), open, approved: false } : { ...view, open };
}

/** The run's policy, votes and editors are those of its plan. */
function withPlan(view: RunView, { policy, votes, editors }: OpenItem): RunView {
  return { ...view, policy, votes, editors: editors ?? view.editors };
}

function posted(view: RunView, data: EventData['posted']): RunView {
  const { message, request, item, copy } = data;
  if (isCard(data)) return copy ? view : { ...view, card: message, openCard: message };
  const isOf = (open: OpenItem) => open.request === request && open.id === item;
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

/** A plan may be decided in time, and go on record when something else has come after its expiry. */
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
