import { EventEmitter } from 'node:events';
import type { StoredFile } from './files/stored-file.js';
import type { GridOptions } from './grid.js';
import { type Change, openJournal } from './journal.js';
import type { Block, Channel, Json, Message, PageEvent, Person, QueuedCommand, View } from './protocol.js';
import type { WorkspaceData } from './seed.js';

export interface StoredMessage extends Message {
  metadata?: { event_type: string; event_payload: Record<string, Json> };
}

/** A view, as Slack sends it in payloads. */
export interface StoredView {
  id: string;
  team_id: string;
  app_installed_team_id: string;
  type: 'modal' | 'home';
  callback_id: string;
  private_metadata: string;
  external_id: string;
  title?: { type: 'plain_text'; text: string };
  submit?: { type: 'plain_text'; text: string } | null;
  close?: { type: 'plain_text'; text: string } | null;
  blocks: Block[];
  state: { values: Record<string, Json> };
  hash: string;
  clear_on_close: boolean;
  notify_on_close: boolean;
  root_view_id: string;
  previous_view_id: string | null;
  app_id: string;
  bot_id: string;
}

export type WorkspaceEvent = Exclude<PageEvent, { type: 'answer' } | { type: 'snapshot' }>;

/** State of the workspace. Every change goes through this class, which emits it to `events` and saves it. */
export class WorkspaceState {
  readonly data: WorkspaceData;
  readonly events = new EventEmitter<{ change: [WorkspaceEvent] }>();
  /** Open modals by person, topmost last. A restart closes them. */
  readonly modals = new Map<string, StoredView[]>();
  /** Fields of people's accounts that differ from a full member's, by user id: `is_restricted`, `deleted`, `team_id`, … A restart forgets them. */
  readonly accounts = new Map<string, Record<string, Json>>();
  /** Fields of files that differ from an ordinary file's, by id. A restart forgets them. */
  readonly fileFields = new Map<string, Record<string, Json>>();
  /** People whom the app may not see. A restart forgets them. */
  readonly hidden = new Set<string>();
  /** Error codes of channels in which the app may not post, by channel id. A restart forgets them. */
  readonly restrictions = new Map<string, string>();
  /** People who aren't active in Slack. A restart forgets them. */
  readonly away = new Set<string>();
  /** Address of the workspace, once it listens. */
  url = '';
  #write: (change: Change) => void;
  #lastMicros = 0;
  #ids = 0;

  constructor(statePath?: string, grid?: GridOptions) {
    const { data, write } = openJournal(statePath, grid);
    this.data = data;
    this.#write = write;
    this.events.setMaxListeners(0);
  }

  /** Makes a Slack timestamp that is later than all before. */
  newTs(): string {
    this.#lastMicros = Math.max(Date.now() * 1000, this.#lastMicros + 1);
    return `${Math.floor(this.#lastMicros / 1e6)}.${String(this.#lastMicros % 1e6).padStart(6, '0')}`;
  }

  newId(prefix: string): string {
    this.#ids += 1;
    return `${prefix}${Date.now().toString(36)}${this.#ids.toString(36)}`.toUpperCase();
  }

  person(id: string): Person | undefined {
    return this.data.people.find((person) => person.id === id);
  }

  channel(id: string): Channel | undefined {
    return this.data.channels.find((channel) => channel.id === id);
  }

  message(channel: string, ts: string): StoredMessage | undefined {
    return this.data.messages.find((message) => message.channel === channel && message.ts === ts);
  }

  messagesIn(channel: string): StoredMessage[] {
    return this.data.messages.filter((message) => message.channel === channel);
  }

  addMessage(own: Pick<StoredMessage, 'channel' | 'user' | 'text'> & Partial<StoredMessage>): StoredMessage {
    const message: StoredMessage = { ts: this.newTs(), replyCount: 0, replyUsers: [], reactions: [], ...own };
    this.data.messages.push(message);
    const parent =
      message.threadTs && !message.onlyFor ? this.message(message.channel, message.threadTs) : undefined;
    if (parent) {
      parent.replyCount += 1;
      if (!parent.replyUsers.includes(message.user)) parent.replyUsers.push(message.user);
      parent.latestReply = message.ts;
      this.messageChanged(parent);
    }
    this.messageChanged(message);
    return message;
  }

  /**
   * Shows a message to one person. Slack shows none to somebody who is away, nor in a thread without replies, and says so to nobody. Returns
   * its `ts`. Source: Slack's "chat.postEphemeral".
   */
  addEphemeral(own: Parameters<WorkspaceState['addMessage']>[0] & { onlyFor: string }): string {
    const hasReplies = (ts: string) => (this.message(own.channel, ts)?.replyCount ?? 0) > 0;
    const isShown = !this.away.has(own.onlyFor) && (own.threadTs === undefined || hasReplies(own.threadTs));
    return isShown ? this.addMessage(own).ts : this.newTs();
  }

  /** Posts a private line from Slack itself. */
  whisper(to: { channel: string; user: string; threadTs?: string }, text: string): void {
    this.addMessage({
      channel: to.channel,
      user: 'USLACKBOT',
      text,
      onlyFor: to.user,
      fromSlackbot: true,
      ...(to.threadTs && { threadTs: to.threadTs }),
    });
  }

  presenceChanged(person: string, isAway: boolean): void {
    if (this.away.has(person) === isAway) return;
    if (isAway) this.away.add(person);
    else this.away.delete(person);
    this.#tell({ type: 'presence', person, isAway });
  }

  /** Tells of a message. Slack keeps no ephemeral one. */
  messageChanged(message: StoredMessage): void {
    this.#tell({ type: 'message', message }, message.onlyFor === undefined ? { message } : undefined);
  }

  /**
   * Deletes a message. A root with replies becomes a tombstone, which goes with its last reply. Source: the messages in matterbridge#600, toriel#238 and
   * slack-edge#10.
   */
  deleteMessage(message: StoredMessage): void {
    if (message.replyCount > 0) {
      this.#entomb(message);
      return;
    }
    this.data.messages.splice(this.data.messages.indexOf(message), 1);
    const { channel, ts, threadTs, onlyFor } = message;
    this.#tell({ type: 'messageDeleted', channel, ts }, { deleted: { channel, ts } });
    const parent = threadTs && !onlyFor ? this.message(channel, threadTs) : undefined;
    if (parent) this.#replyDeleted(parent);
  }

  #entomb(message: StoredMessage): void {
    const { blocks: _, files: __, metadata: ___, edited: ____, ...kept } = message;
    const tombstone: StoredMessage = {
      ...kept,
      ...{ subtype: 'tombstone', user: 'USLACKBOT', text: 'This message was deleted.', reactions: [] },
    };
    this.data.messages.splice(this.data.messages.indexOf(message), 1, tombstone);
    this.messageChanged(tombstone);
  }

  #replyDeleted(parent: StoredMessage): void {
    const replies = this.messagesIn(parent.channel).filter(
      ({ threadTs, onlyFor }) => threadTs === parent.ts && !onlyFor,
    );
    parent.replyCount = replies.length;
    parent.replyUsers = [...new Set(replies.map(({ user }) => user))];
    const latest = replies.at(-1)?.ts;
    if (latest) parent.latestReply = latest;
    else delete parent.latestReply;
    if (replies.length === 0 && parent.subtype === 'tombstone') this.deleteMessage(parent);
    else this.messageChanged(parent);
  }

  channelChanged(channel: Channel): void {
    this.#tell({ type: 'channel', channel }, { channel });
  }

  /** Finds or opens the direct message between these people. */
  directMessage(users: string[]): Channel {
    const members = [...new Set(users)].sort();
    const known = this.data.channels.find(
      ({ kind, members: others }) =>
        (kind === 'im' || kind === 'mpim') && others.toSorted().join() === members.join(),
    );
    if (known) return known;
    const kind = members.length > 2 ? 'mpim' : 'im';
    const channel: Channel = {
      id: this.newId(kind === 'im' ? 'D' : 'G'),
      name: members.find((member) => member !== this.data.app.botUser) ?? '',
      kind,
      topic: '',
      members,
      isArchived: false,
    };
    this.data.channels.push(channel);
    this.channelChanged(channel);
    return channel;
  }

  fileChanged(file: StoredFile): void {
    this.data.files[file.id] = file;
    this.#write({ file });
  }

  deleteFile(id: string): void {
    delete this.data.files[id];
    this.#write({ deletedFile: id });
  }

  publishHome(user: string, view: StoredView): void {
    this.data.homes[user] = view;
    this.#tell({ type: 'home', for: user, view: pageView(view) }, { home: { user, view } });
  }

  markRead(person: string, channel: string, ts: string): void {
    this.data.read[person] ??= {};
    this.data.read[person][channel] = ts;
    this.#tell({ type: 'read', person, channel, ts }, { read: { person, channel, ts } });
  }

  openView(user: string, view: StoredView): void {
    this.modals.set(user, [view]);
    this.#tell({ type: 'viewOpened', for: user, view: pageView(view) });
  }

  pushView(user: string, view: StoredView): void {
    this.modals.set(user, [...(this.modals.get(user) ?? []), view]);
    this.#tell({ type: 'viewPushed', for: user, view: pageView(view) });
  }

  viewChanged(user: string, view: StoredView): void {
    this.#tell({ type: 'viewUpdated', for: user, view: pageView(view) });
  }

  closeView(user: string, viewId: string, all = false): void {
    const stack = this.modals.get(user) ?? [];
    this.modals.set(user, all ? [] : stack.filter((view) => view.id !== viewId));
    this.#tell({ type: 'viewClosed', for: user, viewId, all });
  }

  /** Changes which commands wait for the app. */
  queueChanged(queued: QueuedCommand[]): void {
    this.data.queued = queued;
    this.#tell({ type: 'queue', queued }, { queued });
  }

  /** Finds an open modal or a published Home, and its person. */
  findView(id: string): { user: string; view: StoredView } | undefined {
    for (const [user, stack] of this.modals) {
      const view = stack.find(
        (other) => other.id === id || (other.external_id !== '' && other.external_id === id),
      );
      if (view) return { user, view };
    }
    for (const [user, view] of Object.entries(this.data.homes)) if (view.id === id) return { user, view };
    return undefined;
  }

  connectedChanged(connected: boolean): void {
    this.#tell({ type: 'connected', connected });
  }

  /** Saves a change, then emits the event. An event without a change is not saved. */
  #tell(event: WorkspaceEvent, change?: Change): void {
    if (change) this.#write(change);
    this.events.emit('change', event);
  }
}

/** A view, as the page draws it. */
export function pageView(view: StoredView): View {
  return {
    id: view.id,
    type: view.type,
    callbackId: view.callback_id,
    ...(view.title && { title: view.title.text }),
    ...(view.submit && { submit: view.submit.text }),
    ...(view.close && { close: view.close.text }),
    blocks: view.blocks,
    privateMetadata: view.private_metadata,
  };
}
