import type { Action } from './actions.js';
import { type PageState, type ThreadRef, threadKey } from './page-state.js';
import { reduceEvent } from './reduce-event.js';
import { insertMessage } from './reduce-message.js';
import { dropView } from './reduce-view.js';
import { canSee } from './selectors.js';
import type { Tour } from './tour.js';

/** The page's only reducer. It is pure, so tests need no browser. */
export function reduce(state: PageState, action: Action): PageState {
  switch (action.type) {
    case 'event':
      return reduceEvent(state, action.event);
    case 'link':
      return action.link === state.link ? state : { ...state, link: action.link };
    case 'actAs':
      return actAs(state, action.person);
    case 'go':
      return withoutThread({ ...state, place: action.place });
    case 'openThread':
      return openThread(state, action.thread);
    case 'closeThread':
      return withoutThread(state);
    case 'draft':
      return { ...state, drafts: { ...state.drafts, [action.key]: action.text } };
    case 'unsent': {
      const text = [action.text, state.drafts[action.key]].filter(Boolean).join('\n');
      return { ...state, drafts: { ...state.drafts, [action.key]: text } };
    }
    case 'typed':
      return withTyped(state, action);
    case 'clicked':
      return clicked(state, action);
    case 'settled':
      return settled(state, action);
    case 'commanded':
      return {
        ...state,
        awaited: { ...state.awaited, [state.me]: { channel: action.channel, since: action.since } },
      };
    case 'refused':
      return { ...state, viewErrors: { ...state.viewErrors, [action.viewId]: action.errors } };
    case 'viewGone':
      return dropView(state, state.me, action.viewId);
    case 'note':
      return insertMessage(state, action.message);
    case 'welcome':
      return { ...state, welcome: action.welcome };
    case 'tour':
      return withTour(state, action.tour);
  }
}

function withTour(state: PageState, tour: Tour): PageState {
  const isNew = tour.round !== state.tour.round;
  const next = { ...state, tour };
  return isNew ? withoutThread({ ...next, place: { kind: 'channel', channel: tour.channel } }) : next;
}

function withoutThread(state: PageState): PageState {
  const { thread, ...rest } = state;
  return thread ? rest : state;
}

/** Opens a thread and marks it as read. */
export function openThread(state: PageState, thread: ThreadRef): PageState {
  const { [threadKey(thread.channel, thread.ts)]: _seen, ...unseen } = state.unreadReplies[state.me] ?? {};
  return { ...state, thread, unreadReplies: { ...state.unreadReplies, [state.me]: unseen } };
}

/** Changes the acting person. The place stays the same if the new person may see it. */
function actAs(state: PageState, me: string): PageState {
  if (!state.workspace || me === state.me) return { ...state, me };
  const { place, workspace } = state;
  const channel = place.kind === 'channel' ? workspace.channels[place.channel] : undefined;
  const mayStay = place.kind === 'app' || (channel !== undefined && canSee(channel, me));
  if (place.kind === 'channel' && mayStay) {
    const next = { ...state, me };
    return state.thread ? openThread(next, state.thread) : next;
  }
  const home = Object.values(workspace.channels).find((candidate) => canSee(candidate, me));
  const there = mayStay ? place : { kind: 'channel' as const, channel: home?.id ?? '' };
  return withoutThread({ ...state, me, place: there });
}

function withTyped(state: PageState, typed: Extract<Action, { type: 'typed' }>): PageState {
  const before = state.typed[typed.container] ?? {};
  const block = { ...before[typed.blockId], [typed.actionId]: typed.value };
  return { ...state, typed: { ...state.typed, [typed.container]: { ...before, [typed.blockId]: block } } };
}

function clicked(state: PageState, click: Extract<Action, { type: 'clicked' }>): PageState {
  const { [click.container]: _told, ...failures } = state.failures;
  const next = { ...state, failures, pending: { ...state.pending, [click.element]: true as const } };
  if (!click.thread) return next;
  const key = threadKey(click.thread.channel, click.thread.ts);
  return {
    ...next,
    follows: { ...state.follows, [state.me]: { ...state.follows[state.me], [key]: true } },
  };
}

function settled(state: PageState, click: Extract<Action, { type: 'settled' }>): PageState {
  const { [click.element]: _done, ...pending } = state.pending;
  if (click.error === undefined) return { ...state, pending };
  return { ...state, pending, failures: { ...state.failures, [click.container]: click.error } };
}
