/**
 * Messages between the page and the workspace.
 *
 * The page loads `GET /`, whose HTML holds a token that is new at each start. It then opens one WebSocket at `/page/socket?token=…`. The
 * first message is `snapshot`; every later change is an event.
 *
 * Requests carry an `id`; the answer has the same `id`. Blocks, views and states have Slack's own types, which are opaque JSON here.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Block = { type: string; block_id?: string; [key: string]: unknown };

export interface Person {
  id: string;
  /** The @handle. */
  name: string;
  realName: string;
  /** CSS colour of the avatar. */
  color: string;
  isBot: boolean;
  /** IANA name of the person's time zone, such as `Asia/Kolkata`. */
  tz: string;
  /** Workspaces of the person in an organization; unset: the first one. */
  workspaces?: string[];
  isGuest?: boolean;
  isDeactivated?: boolean;
  /** Set for a person of another organization. */
  external?: { team: string; enterprise?: string };
}

export interface UserGroup {
  id: string;
  handle: string;
  name: string;
  users: string[];
}

export interface Channel {
  id: string;
  /** Without `#`; for a DM, the other person's id. */
  name: string;
  kind: 'public' | 'private' | 'im' | 'mpim';
  topic: string;
  members: string[];
  isArchived: boolean;
}

/** A file, as the page shows it. Its content is at `/files/<id>/<name>`. */
export interface SharedFile {
  id: string;
  /** Name with its extension. */
  name: string;
  title: string;
  mimetype: string;
  /** Slack's name of the type, such as `markdown`. */
  filetype: string;
  /** Name of the type for people, such as `Markdown`. */
  prettyType: string;
  /** Size in bytes. */
  size: number;
  altText?: string;
  /** First lines of a text. */
  preview?: string;
  /** Number of lines of a text. */
  lines?: number;
}

/** A message, as the page shows it. `ts` is Slack's, unique in its channel. */
export interface Message {
  channel: string;
  ts: string;
  /** Author: a person's or a bot's user id. */
  user: string;
  text: string;
  blocks?: Block[];
  files?: SharedFile[];
  /** Set on what is left of a deleted message that has replies. */
  subtype?: 'tombstone';
  threadTs?: string;
  replyCount: number;
  replyUsers: string[];
  latestReply?: string;
  edited?: { ts: string };
  reactions: { name: string; users: string[] }[];
  /** Set on an ephemeral message: the only person who sees it. */
  onlyFor?: string;
  /** An ephemeral line from Slack itself ("the app did not respond"). */
  fromSlackbot?: boolean;
}

export interface View {
  id: string;
  type: 'modal' | 'home';
  callbackId: string;
  title?: string;
  submit?: string;
  close?: string;
  blocks: Block[];
  privateMetadata: string;
}

export interface SlashCommand {
  command: string;
  description: string;
  usageHint: string;
}

/** A text that the app suggests to write to it. A click on the title sends the message. */
export interface SuggestedPrompt {
  title: string;
  message: string;
}

/** Prompts at the top of the app's Messages tab. */
export interface Suggestions {
  title?: string;
  prompts: SuggestedPrompt[];
}

/** A thread in which the app works as an agent. */
export interface AgentSession {
  channel: string;
  /** The `ts` of the thread's root. */
  thread: string;
  status: 'active' | 'processing' | 'suspended' | 'closed';
  /** Words after the app's name, such as `is researching…`; unset: Slack shows its own. */
  words?: string;
  title?: string;
}

/** A command that waits until the app is connected. `text` as it was typed. */
export interface QueuedCommand {
  id: string;
  user: string;
  channel: string;
  command: string;
  text: string;
}

export interface Snapshot {
  team: { id: string; name: string };
  /** `takesMessages`: people can write in its Messages tab. `canStop`: it takes Slack's stop button. */
  app: { name: string; botUser: string; takesMessages: boolean; canStop: boolean };
  people: Person[];
  userGroups: UserGroup[];
  channels: Channel[];
  /** Without ephemeral ones, which a reload loses. */
  messages: Message[];
  commands: SlashCommand[];
  /** People who aren't active. */
  away: string[];
  /** By person and channel: `ts` of the last read message. */
  read: Record<string, Record<string, string>>;
  /** True if an app is connected (Socket Mode) or reachable (HTTP). */
  connected: boolean;
  /** Facts that the terminal prints too: the model, the address of Temporal's UI, and the tools. */
  notices: { model: 'simulated' | 'claude'; temporalUrl?: string; tools?: string[] };
  /** Faults that can be injected here. */
  whatIfs: WhatIf[];
  /** Goals that the welcome suggests; a click sends `/agent <goal>`. */
  suggestedGoals: string[];
  sessions: AgentSession[];
  queued: QueuedCommand[];
  /** By person. */
  suggestions: Record<string, Suggestions>;
}

/** A fault that a person can inject on the page. Each affects one call. */
export type WhatIf =
  | 'lose-answer'
  | 'too-many-requests'
  | 'refuse-connection'
  | 'reconnect'
  | 'deliver-twice'
  | 'kill-service'
  | 'fail-model'
  | 'slow-call';

/** The acting person; every request names them. */
export interface Acting {
  as: string;
}

export type PageRequest = {
  id: number;
} /** `text` as it was typed: `@handle` becomes a mention. */ /** `files`: ids of files that were attached before. */ & (
  | ({ type: 'send'; channel: string; text: string; threadTs?: string; files?: string[] } & Acting)
  /** `threadTs`: place of the error. Slack takes no command in a thread. */
  | ({ type: 'command'; channel: string; command: string; text: string; threadTs?: string } & Acting)
  | ({
      type: 'action';
      /** Message or view of the element. */
      container: { type: 'message'; channel: string; ts: string } | { type: 'view'; viewId: string };
      blockId: string;
      actionId: string;
      /** The whole element with the chosen value, as Slack sends it (`value`, `selected_option`, …). */
      element: Json;
      /** Values of the inputs in the same message or view: block_id → action_id → value object. */
      state: Json;
    } & Acting)
  | ({ type: 'submit'; viewId: string; state: Json } & Acting)
  | ({ type: 'close'; viewId: string } & Acting)
  | ({ type: 'whatIf'; fault: WhatIf } & Acting)
  | ({ type: 'setAway'; isAway: boolean } & Acting)
  | ({ type: 'openHome' } & Acting)
  | ({ type: 'openMessages' } & Acting)
  | ({ type: 'stopSession'; channel: string; thread: string } & Acting)
  | ({ type: 'openDm'; user: string } & Acting)
  | ({ type: 'markRead'; channel: string; ts: string } & Acting)
  | ({ type: 'react'; channel: string; ts: string; name: string; remove?: boolean } & Acting)
);

export type PageEvent =
  | { type: 'snapshot'; snapshot: Snapshot }
  | { type: 'message'; message: Message }
  | { type: 'messageDeleted'; channel: string; ts: string }
  | { type: 'channel'; channel: Channel }
  | { type: 'viewOpened'; for: string; view: View }
  | { type: 'viewPushed'; for: string; view: View }
  | { type: 'viewUpdated'; for: string; view: View }
  /** `all` clears the whole stack. */
  | { type: 'viewClosed'; for: string; viewId: string; all: boolean }
  | { type: 'home'; for: string; view: View }
  | { type: 'read'; person: string; channel: string; ts: string }
  | { type: 'presence'; person: string; isAway: boolean }
  | { type: 'connected'; connected: boolean }
  | { type: 'session'; session: AgentSession }
  /** All commands that wait now. */
  | { type: 'queue'; queued: QueuedCommand[] }
  | { type: 'suggestions'; for: string; suggestions: Suggestions }
  | { type: 'answer'; id: number; ok: true; channel?: string }
  /** `errors` maps block_id → message. A modal stays open and shows them. */
  | { type: 'answer'; id: number; ok: false; error: string; errors?: Record<string, string> };
