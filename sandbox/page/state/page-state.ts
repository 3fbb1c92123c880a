import type { Channel, Message, Person, Snapshot, View } from '../../workspace/protocol.js';
import type { Typed } from './inputs.js';
import { NO_TOUR, type Tour } from './tour.js';

/** Texts that people have not sent yet. The browser keeps them over a reload. */
export type Unsent = Pick<PageState, 'drafts' | 'typed'>;

/** Content of the main pane: a channel or a DM, or the app's pane with its two tabs. */
export type Place = { kind: 'channel'; channel: string } | { kind: 'app'; tab: 'home' | 'messages' };

/** A thread, by the `ts` of its root. */
export interface ThreadRef {
  channel: string;
  ts: string;
}

/** The snapshot, indexed. */
export interface Workspace extends Omit<Snapshot, 'people' | 'channels' | 'messages'> {
  people: Record<string, Person>;
  channels: Record<string, Channel>;
  /** By channel, oldest first; replies included. */
  messages: Record<string, readonly Message[]>;
}

export interface PageState {
  /** Absent until the first snapshot. */
  workspace?: Workspace;
  link: 'connecting' | 'live' | 'lost';
  /** True once the app was connected while this page was open. */
  wasConnected: boolean;
  /** The acting person. */
  me: string;
  place: Place;
  thread?: ThreadRef;
  /** Unsent text, by {@link draftKey}. */
  drafts: Record<string, string>;
  /** Values of the inputs in messages and views, by {@link containerKey}. */
  typed: Record<string, Typed>;
  /** Elements with an unanswered click, by {@link elementKey}. */
  pending: Record<string, true>;
  /** Error of the last click in a message or a view, by {@link containerKey}. */
  failures: Record<string, string>;
  /** Open modals by person, the topmost last. */
  views: Record<string, readonly View[]>;
  /** Errors of a refused submission: view id → block_id → message. */
  viewErrors: Record<string, Record<string, string>>;
  /** App Home, by person. */
  homes: Record<string, View>;
  /** Threads in which a person expects an answer, by person and {@link threadKey}. */
  follows: Record<string, Record<string, true>>;
  /** A person's last command: its channel, and its time in seconds. The app's next post there is the person's thread. */
  awaited: Record<string, { channel: string; since: number }>;
  /** Unread replies, by person and {@link threadKey}. */
  unreadReplies: Record<string, Record<string, number>>;
  /** `auto` shows the welcome until the app's first public message. */
  welcome: 'auto' | 'open' | 'closed';
  tour: Tour;
}

export function initialState(
  me: string,
  welcome: PageState['welcome'],
  { drafts, typed }: Unsent = { drafts: {}, typed: {} },
  tour: Tour = NO_TOUR,
): PageState {
  return {
    link: 'connecting',
    wasConnected: false,
    me,
    welcome,
    place: { kind: 'channel', channel: '' },
    drafts,
    typed,
    pending: {},
    failures: {},
    views: {},
    viewErrors: {},
    homes: {},
    follows: {},
    awaited: {},
    unreadReplies: {},
    tour,
  };
}

export const threadKey = (channel: string, ts: string) => `${channel}:${ts}`;

/** Key of a draft: person, channel and thread. */
export const draftKey = (person: string, channel: string, threadTs = '') =>
  `${person}:${channel}:${threadTs}`;

/** Key of a message (`channel:ts`) or a view (its id) for one person, because people don't share typed values. */
export const containerKey = (person: string, id: string) => `${person}|${id}`;

/** Message of a {@link containerKey}; undefined for a view's. */
export function messageOfContainer(key: string): ThreadRef | undefined {
  const [, channel, ts] = /\|(\w+):([\d.]+)$/.exec(key) ?? [];
  return channel && ts ? { channel, ts } : undefined;
}

export const elementKey = (container: string, blockId: string, actionId: string) =>
  `${container}|${blockId}|${actionId}`;
