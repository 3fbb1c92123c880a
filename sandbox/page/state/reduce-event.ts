import type { Message, Snapshot } from '../../workspace/protocol.js';
import type { WorkspaceEvent } from './actions.js';
import { keepTyped } from './inputs.js';
import { containerKey, messageOfContainer, type PageState, type Workspace } from './page-state.js';
import { insertMessage, removeMessage } from './reduce-message.js';
import { dropView, dropViews, openView, pushView, updateView } from './reduce-view.js';
import { canSee, firstChannel, isSameThread } from './selectors.js';
import { advanced, tourPlace } from './tour.js';

/** Applies an event of the workspace to the page's state. */
export function reduceEvent(state: PageState, event: WorkspaceEvent): PageState {
  const next = withTourAdvanced(reduceOne(state, event));
  return next.workspace?.connected && !next.wasConnected ? { ...next, wasConnected: true } : next;
}

function withTourAdvanced(state: PageState): PageState {
  if (state.tour.status !== 'on') return state;
  const tour = advanced(state.tour, tourPlace(state).step);
  return tour === state.tour ? state : { ...state, tour };
}

function reduceOne(state: PageState, event: WorkspaceEvent): PageState {
  switch (event.type) {
    case 'snapshot':
      return resync(state, event.snapshot);
    case 'message':
      return insertMessage(state, event.message);
    case 'messageDeleted':
      return removeMessage(state, event.channel, event.ts);
    case 'viewOpened':
      return openView(state, event.for, event.view);
    case 'viewPushed':
      return pushView(state, event.for, event.view);
    case 'viewUpdated':
      return updateView(state, event.for, event.view);
    case 'viewClosed':
      return event.all ? dropViews(state, event.for) : dropView(state, event.for, event.viewId);
    case 'home': {
      const key = containerKey(event.for, event.view.id);
      const typed = { ...state.typed, [key]: keepTyped(event.view.blocks, state.typed[key] ?? {}) };
      return { ...state, typed, homes: { ...state.homes, [event.for]: event.view } };
    }
    default:
      return state.workspace ? { ...state, workspace: reduceWorkspace(state.workspace, event) } : state;
  }
}

function reduceWorkspace(
  workspace: Workspace,
  event: Extract<
    WorkspaceEvent,
    { type: 'channel' | 'read' | 'presence' | 'connected' | 'session' | 'queue' | 'suggestions' }
  >,
): Workspace {
  switch (event.type) {
    case 'channel':
      return { ...workspace, channels: { ...workspace.channels, [event.channel.id]: event.channel } };
    case 'session': {
      const { session } = event;
      const others = workspace.sessions.filter((other) => !isSameThread(other, session));
      return { ...workspace, sessions: [...others, session] };
    }
    case 'queue':
      return { ...workspace, queued: event.queued };
    case 'suggestions':
      return { ...workspace, suggestions: { ...workspace.suggestions, [event.for]: event.suggestions } };
    case 'presence': {
      const others = workspace.away.filter((person) => person !== event.person);
      return { ...workspace, away: event.isAway ? [...others, event.person] : others };
    }
    case 'connected':
      return { ...workspace, connected: event.connected };
    case 'read': {
      const read = { ...workspace.read[event.person], [event.channel]: event.ts };
      return { ...workspace, read: { ...workspace.read, [event.person]: read } };
    }
  }
}

/** Replaces the workspace's state by a snapshot. The person's place, typed text and ephemeral messages stay: a new connection is no reload. */
function resync(state: PageState, snapshot: Snapshot): PageState {
  const workspace: Workspace = {
    ...snapshot,
    people: byId(snapshot.people),
    channels: byId(snapshot.channels),
    messages: byChannel([...snapshot.messages, ...ephemeralsOf(state.workspace)]),
  };
  const humans = snapshot.people.filter((person) => !person.isBot);
  const me = humans.some((person) => person.id === state.me) ? state.me : (humans[0]?.id ?? '');
  const typed = withoutGone(state.typed, workspace);
  const next: PageState = { ...state, workspace, me, typed, link: 'live', pending: {} };

  if (state.place.kind === 'channel') {
    const channel = workspace.channels[state.place.channel];
    if (!channel || !canSee(channel, me)) {
      next.place = { kind: 'channel', channel: firstChannel(workspace)?.id ?? '' };
    }
  }
  const { thread } = state;
  if (thread && !workspace.messages[thread.channel]?.some((message) => message.ts === thread.ts)) {
    delete next.thread;
  }
  return next;
}

/** Drops values that were typed into messages or inputs that are gone, since this page saw them or an earlier one. */
function withoutGone(typed: PageState['typed'], workspace: Workspace): PageState['typed'] {
  const kept = Object.entries(typed).map(([key, values]) => {
    const place = messageOfContainer(key);
    if (!place) return [key, values] as const;
    const message = workspace.messages[place.channel]?.find(({ ts }) => ts === place.ts);
    return [key, keepTyped(message?.blocks ?? [], values)] as const;
  });
  return Object.fromEntries(kept);
}

const ephemeralsOf = (workspace: Workspace | undefined): Message[] =>
  Object.values(workspace?.messages ?? {}).flatMap((messages) =>
    messages.filter(({ onlyFor }) => onlyFor !== undefined),
  );

const byId = <T extends { id: string }>(list: readonly T[]): Record<string, T> =>
  Object.fromEntries(list.map((item) => [item.id, item]));

function byChannel(messages: readonly Message[]): Record<string, readonly Message[]> {
  const sorted = [...messages].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  const lists: Record<string, Message[]> = {};
  for (const message of sorted) {
    lists[message.channel] ??= [];
    lists[message.channel]?.push(message);
  }
  return lists;
}
