import type { Card, CardState } from '../../run/card.js';
import type { Checkpoint, EventData, ItemRef } from '../../run/event.js';
import type { DecisionMessage, MessageRef } from '../../run/message.js';
import type { RequestItem, RequestMessage } from '../../run/request.js';
import { itemAfter, itemOf, type RunView, viewOf } from '../../run/run-view.js';

/** Last state of a message that doesn't show it yet. */
type Due =
  | { kind: 'card'; ref: MessageRef; message: Card }
  | { kind: 'thread'; ref: MessageRef; message: RequestMessage }
  /** Direct messages about the message at `at`. */
  | { kind: 'notices'; notices: MessageRef[]; at: MessageRef; message: DecisionMessage }
  /** The ledger lacks the data to draw the message. */
  | { kind: 'nothing' };

/** `key`: key of the event about the message. */
export type Repair = Due & { key: string };

/** Finds messages that a finished run could not update. After an end from outside, these are all messages that may still ask people. */
export function repairsOf(events: Checkpoint[]): Repair[] {
  const view = viewOf(events);
  if (view?.end === undefined) return [];
  const run = { view, events };
  return view.messages
    .filter(({ kind }) => view.end === 'gone' || kind === 'unshown')
    .map(({ key }) => ({ key, ...(dueOf(run, key) ?? { kind: 'nothing' }) }));
}

/** The card of a run that was ended from outside, and where it is. Undefined when the ledger lacks the run's first event. */
export function goneCard(events: Checkpoint[]): { card: Card; at?: MessageRef } | undefined {
  const view = viewOf(events);
  if (!view) return undefined;
  const run = { view, events };
  return { card: cardOf(run, goneState(run)), ...(view.card && { at: view.card }) };
}

interface Run {
  view: RunView;
  events: Checkpoint[];
}

function dueOf(run: Run, key: string): Due | undefined {
  const event = run.events.find((other) => other.key === key);
  switch (event?.kind) {
    case 'unshown':
      return {
        kind: 'card',
        ref: event.data.message,
        message: cardOf(run, event.data.state, event.data.revision),
      };
    case 'posted': {
      const { message: ref } = event.data;
      const about = itemOf(event);
      if (!about) return { kind: 'card', ref, message: cardOf(run, goneState(run)) };
      const message = requestMessage(run, about, event.data.also);
      return message && { kind: 'thread', ref, message };
    }
    case 'notified':
      return noticesDue(run, event.data);
    default:
      return undefined;
  }
}

function noticesDue(run: Run, { messages: notices, ...about }: EventData['notified']): Due | undefined {
  const asked = requestMessage(run, about);
  if (!asked) return undefined;
  const isPlan = asked.item.subject.kind === 'plan';
  const at = isPlan ? run.view.card : messageOf(run, about);
  const { approved, votes } = run.view;
  const state = approved ? { kind: 'executing' as const, votes } : goneState(run);
  return at && { kind: 'notices', notices, at, message: isPlan ? cardOf(run, state) : asked };
}

function messageOf({ events }: Run, { request, item }: ItemRef): MessageRef | undefined {
  const posted = events.flatMap((event) => (event.kind === 'posted' ? event.data : []));
  return posted.find((message) => message.request === request && message.item === item)?.message;
}

/** Message of an item, and of those beside it, with their outcomes; `withdrawn` without a decision. */
function requestMessage(
  { view, events }: Run,
  { request, item: id }: ItemRef,
  also: string[] = [],
): RequestMessage | undefined {
  const requests = events.flatMap((event) => (event.kind === 'requested' ? event.data : []));
  const asked = requests.find((other) => other.id === request);
  const items = [id, ...also].flatMap((each) => {
    const first = asked?.items.find((item) => item.id === each);
    return first ? endedItem(events, { request, item: each }, first) : [];
  });
  const [item] = items;
  if (!asked || !item) return undefined;
  const { shortId, requester } = view;
  const { revision } = asked;
  const beside = items.length > 1 && { items };
  return { kind: 'request', shortId, requester, request, revision, item, ...beside };
}

function endedItem(events: Checkpoint[], { request, item: id }: ItemRef, first: RequestItem): RequestItem {
  const isAbout = (event: Checkpoint) => {
    const about = itemOf(event);
    return about?.request === request && about.item === id;
  };
  const item = events.filter(isAbout).reduce(itemAfter, first);
  return { ...item, outcome: item.outcome ?? { kind: 'withdrawn' } };
}

/** The run's card. `revision` selects the plan; unset: the newest. */
function cardOf({ view, events }: Run, state: CardState, revision?: number): Card {
  const plans = events.flatMap((event) => (event.kind === 'planned' ? event.data : []));
  const planned = plans.findLast((plan) => revision === undefined || plan.revision === revision);
  const read = events.findLast((event) => event.kind === 'read')?.data;
  const unsearched = events.findLast((event) => event.kind === 'searched')?.data.unsearched;
  const { shortId, goal, requester } = view;
  const content = { ...(planned && { planned }), ...(read && { read }) };
  return { shortId, goal, requester, state, ...content, ...(unsearched !== undefined && { unsearched }) };
}

function goneState({ view, events }: Run): CardState {
  const end = events.findLast((event) => event.kind === 'ended');
  const why = end?.data.state === 'gone' ? end.data.why : 'unknown';
  return { kind: 'gone', at: end?.at ?? '', why, ...(view.approved && { votes: view.votes }) };
}
