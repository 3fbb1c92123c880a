import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Actor, INVITE } from './actor.js';
import { EVENT_RETRIES, type EventRetries } from './delivery/events.js';
import { HttpDelivery } from './delivery/http.js';
import { type Delivery, Recorded } from './delivery/recorded.js';
import { ResponseUrls } from './delivery/response-urls.js';
import { type DisconnectReason, SocketMode } from './delivery/socket-mode.js';
import { type Fault, Faults } from './faults.js';
import { openContents } from './files/contents.js';
import { Files } from './files/files.js';
import { GRID_PEOPLE, type GridOptions } from './grid.js';
import { EVERYTHING, readManifest } from './manifest.js';
import { archive, inviteBot, removeBot } from './membership.js';
import { PageSocket } from './page-socket.js';
import type { Channel, Json, Message, Snapshot, View, WhatIf } from './protocol.js';
import { RateLimits } from './rate-limits.js';
import { CHANNELS, type Credentials, PEOPLE } from './seed.js';
import { serve } from './server.js';
import { pageView, WorkspaceState } from './state.js';
import { Triggers } from './triggers.js';
import type { ApiCall } from './web-api/index.js';
import { createWhatIfs } from './what-if.js';
import type { World } from './world.js';

export type { Actor as WorkspaceActor, ReadFile } from './actor.js';
export type { Delivery } from './delivery/recorded.js';
export type { Fault } from './faults.js';
export type { Message, SharedFile, View } from './protocol.js';

export interface WorkspaceOptions {
  /** @default any free port */
  port?: number;
  /** Transport of payloads to the app. @default Socket Mode */
  mode?: { kind: 'socket' } | { kind: 'http'; eventsUrl: string };
  /** File for the state, kept over a restart; unset: memory only. */
  statePath?: string;
  /** Folder of the built page; unset: no page. */
  pageDir?: string;
  /** The app's manifest in YAML; unset: the app may do everything. */
  manifest?: string;
  notices?: Snapshot['notices'];
  suggestedGoals?: string[];
  /** @default true */
  rateLimits?: boolean;
  /** Pauses before an unacknowledged event is redelivered. @default a tenth of Slack's pauses, without Delayed Events */
  eventRetries?: Partial<EventRetries>;
  /** Set for a workspace of an organization on Enterprise Grid, with guests, strangers and a shared channel. */
  grid?: GridOptions;
  /** Ends the app like `kill -9`. If set, the page has a button for it. */
  onCrash?: () => void;
}

/** Limit for the recorded calls and deliveries. */
const LOG_LENGTH = 5_000;

const INVITE_COMMAND = {
  command: INVITE,
  description: 'Add the app to this channel',
  usageHint: '@countersign',
};

export type Workspace = Awaited<ReturnType<typeof startWorkspace>>;

/** Starts a local Slack workspace: Web API, Socket Mode or signed HTTP, and the page. */
export async function startWorkspace(options: WorkspaceOptions = {}) {
  const state = new WorkspaceState(options.statePath, options.grid);
  const manifest = options.manifest === undefined ? EVERYTHING : readManifest(options.manifest);
  const { data } = state;
  const triggers = new Triggers();
  const faults = new Faults();
  const limits = new RateLimits(options.rateLimits ?? true);
  const requests: ApiCall[] = [];
  const deliveries: Delivery[] = [];
  const closing = new AbortController();
  const responseUrls = new ResponseUrls(state, () => state.url);
  const contents = openContents(options.statePath && join(dirname(options.statePath), 'files'));
  const files = new Files(state, contents);
  const socketMode = new SocketMode(data.app.id, (connected) => state.connectedChanged(connected));
  const http = options.mode?.kind === 'http' ? options.mode : undefined;
  const way = http ? new HttpDelivery(http.eventsUrl, data.credentials.signingSecret) : socketMode;
  const transport = new Recorded(way, (delivery) => remember(deliveries, delivery));
  const world: World = {
    state,
    manifest,
    triggers,
    responseUrls,
    contents,
    transport: () => transport,
    eventRetries: { ...EVENT_RETRIES, ...options.eventRetries },
    closed: closing.signal,
  };
  const whatIfs = createWhatIfs({
    faults,
    reconnect: () => socketMode.reconnect('refresh_requested'),
    deliverTwice: () => transport.deliverTwice(),
    crash: options.onCrash,
  });

  const as = (user: string): Actor => {
    const person = state.person(user);
    if (!person || person.isBot) throw new Error(`There is nobody with the id ${user}`);
    return new Actor(world, person);
  };
  const isDirect = ({ channel, user: by }: Message, user: string): boolean => {
    const { kind, members = [] } = state.channel(channel) ?? {};
    return kind === 'im' && by === data.app.botUser && members.includes(user);
  };
  const theChannel = (id: string): Channel => {
    const channel = state.channel(id);
    if (!channel) throw new Error(`There is no channel with the id ${id}`);
    return channel;
  };
  const snapshot = (): Snapshot => ({
    team: data.team,
    app: { name: data.app.name, botUser: data.app.botUser },
    people: data.people,
    userGroups: data.userGroups,
    channels: data.channels,
    // A reload loses the ephemeral messages.
    messages: data.messages.filter(({ onlyFor }) => onlyFor === undefined),
    away: [...state.away],
    commands: [...manifest.commands, INVITE_COMMAND],
    read: data.read,
    connected: transport.connected(),
    notices: options.notices ?? { model: 'simulated' },
    whatIfs: Object.keys(whatIfs) as WhatIf[],
    suggestedGoals: options.suggestedGoals ?? [],
  });
  const page = new PageSocket({ state, snapshot, as, whatIfs });
  const { server, port, pageToken } = await serve(options.port ?? 0, {
    webApi: () => ({
      api: {
        state,
        triggers,
        files,
        scopes: manifest.scopes,
        url: state.url,
        openSocket: () => `${state.url.replace('http', 'ws')}socket/${socketMode.newTicket()}`,
      },
      faults,
      limits,
      log: (call) => remember(requests, call),
    }),
    responseUrls,
    socketMode,
    page: () => page,
    ...(options.pageDir && { pageDir: options.pageDir }),
  });
  const url = `http://127.0.0.1:${port}/`;
  state.url = url;

  return {
    /** Address of the page. */
    url,
    /** Token of the page for its socket and files; new at each start. */
    pageToken,
    /** Base URL of the Web API. */
    apiUrl: `${url}api/`,
    credentials: data.credentials as Credentials,
    team: data.team,
    botUser: data.app.botUser,
    people: PEOPLE,
    /** People beside those, in a workspace of an organization. */
    gridPeople: GRID_PEOPLE,
    channels: CHANNELS,
    /** Recorded Web API calls, oldest first. */
    requests,
    deliveries,
    faults: {
      inject: (fault: Fault) => faults.inject(fault),
      clear: () => faults.clear(),
    },
    as,
    /** All messages of a channel, including ephemeral ones, oldest first. */
    messages: (channel: string): Message[] => state.messagesIn(channel),
    thread: (channel: string, ts: string): Message[] =>
      state.messagesIn(channel).filter((message) => message.threadTs === ts),
    /** The ephemeral messages that a person was shown. */
    ephemerals: (user: string): Message[] => data.messages.filter((message) => message.onlyFor === user),
    /** Private messages of the app to one person: ephemeral, and in their direct message. */
    privateWords: (user: string): Message[] =>
      data.messages.filter((message) => message.onlyFor === user || isDirect(message, user)),
    home: (user: string): View | undefined => {
      const view = data.homes[user];
      return view && pageView(view);
    },
    openViews: (user: string): View[] => (state.modals.get(user) ?? []).map(pageView),
    connected: () => transport.connected(),
    reconnectSockets: (reason: DisconnectReason = 'refresh_requested') => socketMode.reconnect(reason),
    /** Makes the bot a member of a channel. */
    async invite(id: string): Promise<void> {
      await inviteBot(world, theChannel(id));
    },
    /** Changes fields of a person's account in `users.info`: a guest, a stranger or a deactivated account; without fields, a full member again. */
    changeAccount: (user: string, fields: Record<string, Json> = {}) => state.accounts.set(user, fields),
    /** Makes a person inactive until they act: they are shown no ephemeral messages. */
    setAway: (user: string, isAway = true): void => state.presenceChanged(user, isAway),
    members: (channel: string): string[] => state.channel(channel)?.members ?? [],
    deleteMessage({ channel, ts }: Pick<Message, 'channel' | 'ts'>): void {
      const message = state.message(channel, ts);
      if (message) state.deleteMessage(message);
    },
    /** Archives a channel, or unarchives it. */
    archive: (id: string, isArchived = true): Promise<void> =>
      archive(world, theChannel(id), isArchived, PEOPLE.dev),
    removeBot: (id: string): Promise<void> => removeBot(world, theChannel(id)),
    /** Sets the app's address in HTTP mode, once it is known. */
    setEventsUrl(eventsUrl: string): void {
      transport.way = new HttpDelivery(eventsUrl, data.credentials.signingSecret);
    },
    /** Repeats `probe` every few milliseconds until it finds something. */
    async waitFor<T>(
      probe: () => T | undefined | false,
      { timeoutMs = 10_000, what = 'it' } = {},
    ): Promise<T> {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const found = probe();
        if (found !== undefined && found !== false) return found;
        if (Date.now() > deadline) {
          throw new Error(
            `Waited ${timeoutMs} ms for ${what}; the last messages: ${lastWords(data.messages)}`,
          );
        }
        await delay(10);
      }
    },
    async close(): Promise<void> {
      closing.abort();
      page.close();
      socketMode.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function remember<T>(log: T[], entry: T): void {
  log.push(entry);
  if (log.length > LOG_LENGTH) log.shift();
}

function lastWords(messages: Message[]): string {
  return JSON.stringify(
    messages.slice(-5).map(({ channel, text, onlyFor }) => ({ channel, text: text.slice(0, 100), onlyFor })),
  );
}
