import { setTimeout as delay } from 'node:timers/promises';
import { Actor } from './actor.js';
import type { Delivered, PayloadKind, Transport } from './delivery/delivery.js';
import { tellApp } from './delivery/events.js';
import { HttpDelivery } from './delivery/http.js';
import { ResponseUrls } from './delivery/response-urls.js';
import { type DisconnectReason, SocketMode } from './delivery/socket-mode.js';
import { type Fault, Faults } from './faults.js';
import { EVERYTHING, readManifest } from './manifest.js';
import { PageSocket } from './page-socket.js';
import type { Message, Snapshot, View } from './protocol.js';
import { RateLimits } from './rate-limits.js';
import { CHANNELS, type Credentials, PEOPLE } from './seed.js';
import { serve } from './server.js';
import { pageView, WorkspaceState } from './state.js';
import { Triggers } from './triggers.js';
import type { Fields } from './validation/problems.js';
import type { ApiCall } from './web-api/index.js';
import { createWhatIf } from './what-if.js';

export type { Fault } from './faults.js';
export type { Message, View } from './protocol.js';

export interface WorkspaceOptions {
  /** @default any free port */
  port?: number;
  /** How payloads reach the app. @default Socket Mode */
  mode?: { kind: 'socket' } | { kind: 'http'; eventsUrl: string };
  /** File that keeps the state over a restart; without one it is kept in memory alone. */
  statePath?: string;
  /** Folder of the built page; without one there is no page. */
  pageDir?: string;
  /** The app's manifest in YAML; without one the app may do everything. */
  manifest?: string;
  notices?: Snapshot['notices'];
  suggestedGoals?: string[];
  /** @default true */
  rateLimits?: boolean;
}

/** A payload that was brought to the app. */
export interface Delivery {
  kind: PayloadKind;
  payload: Fields;
  result: Delivered;
}

/** How many calls and deliveries are remembered. */
const LOG_LENGTH = 5_000;

export type Workspace = Awaited<ReturnType<typeof startWorkspace>>;

/** Starts a local Slack workspace: Web API, Socket Mode or signed HTTP, and the page. */
export async function startWorkspace(options: WorkspaceOptions = {}) {
  const state = new WorkspaceState(options.statePath);
  const manifest = options.manifest === undefined ? EVERYTHING : readManifest(options.manifest);
  const { data } = state;
  const triggers = new Triggers();
  const faults = new Faults();
  const limits = new RateLimits(options.rateLimits ?? true);
  const requests: ApiCall[] = [];
  const deliveries: Delivery[] = [];
  let url = '';
  const responseUrls = new ResponseUrls(state, () => url);
  const socketMode = new SocketMode(data.app.id, (connected) => state.connectedChanged(connected));
  const http = options.mode?.kind === 'http' ? options.mode : undefined;
  let way: Transport = http ? new HttpDelivery(http.eventsUrl, data.credentials.signingSecret) : socketMode;
  let twice = false;
  const transport: Transport = {
    connected: () => way.connected(),
    close: () => way.close(),
    async deliver(kind, payload, retry) {
      const result = await way.deliver(kind, payload, retry);
      remember(deliveries, { kind, payload, result });
      if (twice && kind !== 'events_api') {
        twice = false;
        await transport.deliver(kind, payload);
      }
      return result;
    },
  };
  const world = { state, manifest, triggers, responseUrls, transport: () => transport };

  const as = (user: string): Actor => {
    const person = state.person(user);
    if (!person || person.isBot) throw new Error(`There is nobody with the id ${user}`);
    return new Actor(world, person);
  };
  const snapshot = (): Snapshot => ({
    team: data.team,
    app: { name: data.app.name, botUser: data.app.botUser },
    people: data.people,
    userGroups: data.userGroups,
    channels: data.channels,
    messages: data.messages,
    commands: manifest.commands,
    read: data.read,
    connected: transport.connected(),
    notices: options.notices ?? { model: 'simulated' },
    suggestedGoals: options.suggestedGoals ?? [],
  });
  const page = new PageSocket({
    state,
    snapshot,
    as,
    whatIf: createWhatIf(faults, socketMode, () => {
      twice = true;
    }),
  });
  const { server, port } = await serve(options.port ?? 0, {
    webApi: () => ({
      api: {
        state,
        triggers,
        scopes: manifest.scopes,
        url,
        openSocket: () => `${url.replace('http', 'ws')}socket/${socketMode.newTicket()}`,
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
  url = `http://127.0.0.1:${port}/`;

  return {
    /** The page. */
    url,
    /** The Web API's base. */
    apiUrl: `${url}api/`,
    credentials: data.credentials as Credentials,
    team: data.team,
    botUser: data.app.botUser,
    people: PEOPLE,
    channels: CHANNELS,
    /** The Web API calls and payloads so far, the oldest first. */
    requests,
    deliveries,
    faults: {
      inject: (fault: Fault) => faults.inject(fault),
      clear: () => faults.clear(),
    },
    as,
    /** Everything in a channel, ephemeral messages too, the oldest first. */
    messages: (channel: string): Message[] => state.messagesIn(channel),
    thread: (channel: string, ts: string): Message[] =>
      state.messagesIn(channel).filter((message) => message.threadTs === ts),
    ephemerals: (user: string): Message[] => data.messages.filter((message) => message.onlyFor === user),
    home: (user: string): View | undefined => {
      const view = data.homes[user];
      return view && pageView(view);
    },
    openViews: (user: string): View[] => (state.modals.get(user) ?? []).map(pageView),
    connected: () => transport.connected(),
    reconnectSockets: (reason: DisconnectReason = 'refresh_requested') => socketMode.reconnect(reason),
    /** Makes the bot a member of a channel. */
    invite(id: string): void {
      const channel = state.channel(id);
      if (!channel || channel.members.includes(data.app.botUser)) return;
      channel.members.push(data.app.botUser);
      state.channelChanged(channel);
    },
    members: (channel: string): string[] => state.channel(channel)?.members ?? [],
    deleteMessage({ channel, ts }: Pick<Message, 'channel' | 'ts'>): void {
      const message = state.message(channel, ts);
      if (message) state.deleteMessage(message);
    },
    /** Archives a channel, or takes it out of the archive. */
    async archive(id: string, isArchived = true): Promise<void> {
      const channel = state.channel(id);
      if (!channel) return;
      channel.isArchived = isArchived;
      state.channelChanged(channel);
      const type = `${channel.kind === 'public' ? 'channel' : 'group'}_${isArchived ? 'archive' : 'unarchive'}`;
      await tellApp(world, type, { type, channel: id, user: PEOPLE.dev, event_ts: state.newTs() });
    },
    /** Takes the bot out of a channel. */
    async removeBot(id: string): Promise<void> {
      const channel = state.channel(id);
      if (!channel) return;
      channel.members = channel.members.filter((member) => member !== data.app.botUser);
      state.channelChanged(channel);
      const type = channel.kind === 'public' ? 'channel_left' : 'group_left';
      await tellApp(world, type, { type, channel: id, event_ts: state.newTs() });
    },
    /** HTTP mode, once the app's address is known. */
    setEventsUrl(eventsUrl: string): void {
      way = new HttpDelivery(eventsUrl, data.credentials.signingSecret);
    },
    /** Looks again every few milliseconds until `probe` finds something. */
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
