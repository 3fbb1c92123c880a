/**
 * What the page and the workspace say to each other.
 *
 * The page loads `GET /` (the per-boot token is inside the HTML), then opens one WebSocket at
 * `/page/socket?token=…`. The first message it gets is `snapshot`; every later change arrives as an event.
 * Requests carry an `id`; the answer with the same `id` says whether it worked.
 * Types of blocks, views and states are Slack's own; here they are opaque JSON.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Block = { type: string; block_id?: string; [key: string]: unknown };

export interface Person {
  id: string;
  /** The @handle. */
  name: string;
  realName: string;
  /** A CSS colour for the drawn avatar. */
  color: string;
  isBot: boolean;
  /** IANA name of the time zone they live in, such as `Asia/Kolkata`. */
  tz: string;
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

/** A file as the page shows it; its content is at `/files/<id>/<name>`. */
export interface SharedFile {
  id: string;
  /** With its ending. */
  name: string;
  title: string;
  mimetype: string;
  /** Slack's name of the kind, such as `markdown`. */
  filetype: string;
  /** The kind for people, such as `Markdown`. */
  prettyType: string;
  /** Bytes. */
  size: number;
  altText?: string;
  /** The first lines of a text. */
  preview?: string;
  /** How many lines a text has. */
  lines?: number;
}

/** A message as the page shows it. `ts` is Slack's, unique in its channel. */
export interface Message {
  channel: string;
  ts: string;
  /** Author: a person's or a bot's user id. */
  user: string;
  text: string;
  blocks?: Block[];
  files?: SharedFile[];
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

export interface Snapshot {
  team: { id: string; name: string };
  app: { name: string; botUser: string };
  people: Person[];
  userGroups: UserGroup[];
  channels: Channel[];
  messages: Message[];
  commands: SlashCommand[];
  /** Per person and channel: the `ts` up to which it is read. */
  read: Record<string, Record<string, string>>;
  /** Whether an app is connected (Socket Mode) or reachable (HTTP). */
  connected: boolean;
  /** What the terminal also says: simulated model or real Claude; the Temporal UI's address if it runs; the tools there are. */
  notices: { model: 'simulated' | 'claude'; temporalUrl?: string; tools?: string[] };
  /** What may be let go wrong here. */
  whatIfs: WhatIf[];
  /** Goals to click on in the welcome; sent as `/agent <goal>`. */
  suggestedGoals: string[];
}

/** What a person may let go wrong, to see what becomes of it; each strikes once. */
export type WhatIf =
  | 'lose-answer'
  | 'too-many-requests'
  | 'refuse-connection'
  | 'reconnect'
  | 'deliver-twice'
  | 'kill-service';

/** Which person acts; every request names them. */
export interface Acting {
  as: string;
}

export type PageRequest = { id: number } /** `text` as it was typed: `@handle` becomes a mention. */ & (
  | ({ type: 'send'; channel: string; text: string; threadTs?: string } & Acting)
  /** Slack takes no command in a thread; `threadTs` is where it says so. */
  | ({ type: 'command'; channel: string; command: string; text: string; threadTs?: string } & Acting)
  | ({
      type: 'action';
      /** Where the element stands. */
      container: { type: 'message'; channel: string; ts: string } | { type: 'view'; viewId: string };
      blockId: string;
      actionId: string;
      /** The whole element plus what was chosen, as Slack sends it (`value`, `selected_option`, …). */
      element: Json;
      /** State of the inputs in the same message or view: block_id → action_id → value object. */
      state: Json;
    } & Acting)
  | ({ type: 'submit'; viewId: string; state: Json } & Acting)
  | ({ type: 'close'; viewId: string } & Acting)
  | ({ type: 'whatIf'; fault: WhatIf } & Acting)
  | ({ type: 'openHome' } & Acting)
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
  | { type: 'connected'; connected: boolean }
  | { type: 'answer'; id: number; ok: true; channel?: string }
  /** `errors` maps block_id → message (a modal stays open and shows them). */
  | { type: 'answer'; id: number; ok: false; error: string; errors?: Record<string, string> };
