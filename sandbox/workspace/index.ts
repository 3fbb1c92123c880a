import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Actor, INVITE } from './actor.js';
import { AgentSessions } from './agent-sessions.js';
import { EVENT_RETRIES, type EventRetries, tellApp } from './delivery/events.js';
import { HttpDelivery } from './delivery/http.js';
import { type Delivery, Recorded } from './delivery/recorded.js';
import { ResponseUrls } from './delivery/response-urls.js';
import { SocketMode } from './delivery/socket-mode.js';
import { type Fault, Faults } from './faults.js';
import { openContents } from './files/contents.js';
import { Files } from './files/files.js';
import { GRID_PEOPLE, type GridOptions } from './grid.js';
import { EVERYTHING, readManifest } from './manifest.js';
import { archive, inviteBot, removeBot } from './membership.js';
import { recordNotifications } from './notifications.js';
import { Outbox } from './outbox.js';
import { PageSocket } from './page-socket.js';
import type {
  AgentSession,
  Channel,
  Json,
  Message,
  QueuedCommand,
  Snapshot,
  Suggestions,
  View,
  WhatIf,
} from './protocol.js';
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
  /** Time from the answer to an upload until its file shows, in milliseconds. @default 1000 */
  shareFilesAfterMs?: number;
  /** Set for a workspace of an organization on Enterprise Grid, with guests, strangers and a shared channel. */
  grid?: GridOptions;
  /** Commands and clicks wait until the app is connected. Slack's don't, and its people are told to try again. @default false */
  waitsForApp?: boolean;
  /** Ends the app like `kill -9`. If set, the page has a button for it. */
  onCrash?: () => void;
  /** Makes the model refuse the next plan. If set, the page has a button for it. */
  onFailModel?: () => void;
  /** Makes the next change of a tool take long. If set, the page has a button for it. */
  onSlowCall?: () => void;
  /** Called after each delivery to the app. */
  onDelivered?: (delivery: Delivery) => void;
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
  const notified = recordNotifications(state);
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
  const files = new Files(state, contents, {
    faults,
    afterMs: options.shareFilesAfterMs ?? 1_000,
    closed: closing.signal,
  });
  const sessions = new AgentSessions(state);
  const socketMode = new SocketMode(data.app.id, (connected) => state.connectedChanged(connected));
  const http = options.mode?.kind === 'http' ? options.mode : undefined;
  const way = http ? new HttpDelivery(http.eventsUrl, data.credentials.signingSecret) : socketMode;
  const transport = new Recorded(way, (delivery) => {
    remember(deliveries, delivery);
    options.onDelivered?.(delivery);
  });
  const canStop = manifest.events.includes('agent_session_stopped');
  const outbox = new Outbox(state, () => transport, closing.signal, options.waitsForApp ?? false);
  const world: World = {
    state,
    outbox,
    manifest,
    sessions,
    triggers,
    responseUrls,
    contents,
    files,
    transport: () => transport,
    eventRetries: { ...EVENT_RETRIES, ...options.eventRetries },
    closed: closing.signal,
  };
  const whatIfs = createWhatIfs({
    faults,
    reconnect: () => void socketMode.refresh({ warningMs: 1_000 }),
    deliverTwice: () => transport.deliverTwice(),
    crash: options.onCrash,
    failModel: options.onFailModel,
    slowCall: options.onSlowCall,
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
  /** Prompts of the manifest, unless the app set others. */
  const suggestions = () => {
    const own = manifest.agent ? { prompts: manifest.agent.prompts } : { prompts: [] };
    const humans = data.people.filter(({ isBot }) => !isBot);
    return Object.fromEntries(humans.map(({ id }) => [id, sessions.suggestions[id] ?? own]));
  };
  const snapshot = (): Snapshot => ({
    team: data.team,
    app: {
      name: data.app.name,
      botUser: data.app.botUser,
      takesMessages: manifest.takesMessages,
      canStop,
    },
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
    sessions: sessions.all(),
    queued: data.queued,
    suggestions: suggestions(),
  });
  const page = new PageSocket({ state, snapshot, as, whatIfs });
  const { server, port, pageToken } = await serve(options.port ?? 0, {
    webApi: () => ({
      api: {
        state,
        triggers,
        files,
        agent: { sessions, isDeclared: manifest.agent !== undefined, canStop },
        tellApp: (name, event) => void (event && tellApp(world, name, event)),
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
    addFile: (file) => files.add(file).id,
    ...(options.pageDir && { pageDir: options.pageDir }),
  });
  const url = `http://127.0.0.1:${port}/`;
  state.url = url;
  const { queued: left } = data;
  if (left.length > 0) state.queueChanged([]);
  for (const { user, channel, command, text } of left) {
    const deliver = async () => as(user).command(channel, command, text);
    void deliver().catch(() => 'the workspace closes, and the command waits on');
  }

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
    /** Messages that notified a person, as they were posted, oldest first. */
    notified,
    home: (user: string): View | undefined => {
      const view = data.homes[user];
      return view && pageView(view);
    },
    /** The app's session as an agent in the thread under a message. */
    session: ({ channel, ts }: Pick<Message, 'channel' | 'ts'>): AgentSession | undefined =>
      sessions.find(channel, ts),
    /** Channel of a person's direct message with the app. */
    dm: (user: string): string => state.directMessage([user, data.app.botUser]).id,
    suggestions: (user: string): Suggestions | undefined => suggestions()[user],
    openViews: (user: string): View[] => (state.modals.get(user) ?? []).map(pageView),
    connected: () => transport.connected(),
    /** Commands that wait until the app is connected. */
    queued: (): QueuedCommand[] => data.queued,
    /** The app's connections in Socket Mode, and their faults. */
    sockets: socketMode,
    /** Delivers the next command, click or mention twice. Slack itself repeats only events. */
    deliverTwice: () => transport.deliverTwice(),
    /** Makes the bot a member of a channel. */
    async invite(id: string): Promise<void> {
      await inviteBot(world, theChannel(id));
    },
    /** Changes fields of a person's account in `users.info`: a guest, a stranger or a deactivated account; without fields, a full member again. */
    changeAccount: (user: string, fields: Record<string, Json> = {}) => state.accounts.set(user, fields),
    /** Changes fields of a file, as Slack shows it: `mode` `tombstone` once it was deleted, `hidden_by_limit`, `external`, another address, … */
    changeFile: (id: string, fields: Record<string, Json>) => state.fileFields.set(id, fields),
    /** Hides a person from the app, or shows them again: Slack answers `user_not_visible` about a hidden one. */
    hide: (user: string, isHidden = true) => void state.hidden[isHidden ? 'add' : 'delete'](user),
    /** Lets only some people post in a channel, and the app not. `code`: Slack's error for a post of the app; null lifts it. */
    restrict(channel: string, code: string | null = 'restricted_action'): void {
      if (code === null) state.restrictions.delete(channel);
      else state.restrictions.set(channel, code);
    },
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
