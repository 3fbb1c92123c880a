import type { Channel, Message, Person, Snapshot, View } from '../../workspace/protocol.js';
import type { Typed } from './inputs.js';

/** What the main pane shows: a channel or DM, or the app's own space with its two tabs. */
export type Place = { kind: 'channel'; channel: string } | { kind: 'app'; tab: 'home' | 'messages' };

/** A thread, by the `ts` of the message it hangs on. */
export interface ThreadRef {
  channel: string;
  ts: string;
}

/** The snapshot, indexed. */
export interface Workspace extends Omit<Snapshot, 'people' | 'channels' | 'messages'> {
  people: Record<string, Person>;
  channels: Record<string, Channel>;
  /** By channel, oldest first; replies among them. */
  messages: Record<string, readonly Message[]>;
}

export interface PageState {
  /** Absent until the first snapshot. */
  workspace?: Workspace;
  link: 'connecting' | 'live' | 'lost';
  /** Whether the app was connected at any time since this page is open. */
  wasConnected: boolean;
  /** The person who acts. */
  me: string;
  place: Place;
  thread?: ThreadRef;
  /** Unsent text, by {@link draftKey}. */
  drafts: Record<string, string>;
  /** What stands in the inputs of messages and views, by {@link containerKey}. */
  typed: Record<string, Typed>;
  /** Elements whose click is on its way, by {@link elementKey}. */
  pending: Record<string, true>;
  /** Why the last click in a message or view failed, by {@link containerKey}. */
  failures: Record<string, string>;
  /** Open modals by person, the topmost last. */
  views: Record<string, readonly View[]>;
  /** Errors of a refused submission: view id → block_id → message. */
  viewErrors: Record<string, Record<string, string>>;
  /** App Home, by person. */
  homes: Record<string, View>;
  /** Threads in which a person waits for an answer, by person and {@link threadKey}. */
  follows: Record<string, Record<string, true>>;
  /** Where a person last ran a command, and when (seconds): what the app posts next is their thread. */
  awaited: Record<string, { channel: string; since: number }>;
  /** Replies that a person has not seen, by person and {@link threadKey}. */
  unreadReplies: Record<string, Record<string, number>>;
  /** `auto` shows the welcome until the app has said something. */
  welcome: 'auto' | 'open' | 'closed';
}

export function initialState(me: string, welcome: PageState['welcome']): PageState {
  return {
    link: 'connecting',
    wasConnected: false,
    me,
    welcome,
    place: { kind: 'channel', channel: '' },
    drafts: {},
    typed: {},
    pending: {},
    failures: {},
    views: {},
    viewErrors: {},
    homes: {},
    follows: {},
    awaited: {},
    unreadReplies: {},
  };
}

export const threadKey = (channel: string, ts: string) => `${channel}:${ts}`;

/** Drafts belong to a person and a channel or thread. */
export const draftKey = (person: string, channel: string, threadTs = '') =>
  `${person}:${channel}:${threadTs}`;

/** A message, by its `channel:ts`, or a view, by its id, as one person sees it: two people don't share a half-typed note. */
export const containerKey = (person: string, id: string) => `${person}|${id}`;

export const elementKey = (container: string, blockId: string, actionId: string) =>
  `${container}|${blockId}|${actionId}`;
