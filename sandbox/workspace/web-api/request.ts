import type { AgentSessions } from '../agent-sessions.js';
import type { Files } from '../files/files.js';
import type { Channel, Person } from '../protocol.js';
import type { WorkspaceState } from '../state.js';
import type { Triggers } from '../triggers.js';
import type { Fields } from '../validation/problems.js';

/** An answer with `ok: false`. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly extra: Fields = {},
  ) {
    super(code);
  }
}

/** Context of a Web API method. */
export interface Api {
  state: WorkspaceState;
  triggers: Triggers;
  files: Files;
  /** `isDeclared`: the manifest declares the app as an agent. `canStop`: it subscribes to the stop button. */
  agent: { sessions: AgentSessions; isDeclared: boolean; canStop: boolean };
  /** Delivers an event, if there is one, to the app, if it has subscribed. */
  tellApp(name: string, event: Fields | undefined): void;
  scopes: string[];
  /** Address of the page, for permalinks. */
  url: string;
  /** Makes a new Socket Mode address. */
  openSocket(): string;
  /** Checks scopes. @throws ApiError `missing_scope` unless the token has one of these. */
  need(...scopes: string[]): void;
}

export type Method = (api: Api, args: Args) => Fields;

/** Arguments of a request: form fields, some with JSON, or a JSON body. */
export class Args {
  constructor(readonly raw: Fields) {}

  string(key: string): string | undefined {
    const value = this.raw[key];
    return value === undefined || value === null || value === '' ? undefined : String(value);
  }

  need(key: string, code = 'invalid_arguments'): string {
    const value = this.string(key);
    if (value === undefined) {
      const messages = [`[ERROR] missing required field: ${key}`];
      throw new ApiError(code, code === 'invalid_arguments' ? { response_metadata: { messages } } : {});
    }
    return value;
  }

  flag(key: string): boolean {
    const value = this.string(key);
    return value === 'true' || value === '1';
  }

  number(key: string, fallback: number): number {
    const value = Number(this.string(key));
    return Number.isFinite(value) && value > 0 ? value : fallback;
  }

  json(key: string, code = 'invalid_json'): unknown {
    const value = this.raw[key];
    if (typeof value !== 'string') return value ?? undefined;
    if (value === '') return undefined;
    try {
      return JSON.parse(value);
    } catch {
      throw new ApiError(code);
    }
  }
}

/** Finds the channel of a request: by id, by name with `#`, or by a user's id (their direct message). */
export function channelOf(api: Api, name: string): Channel {
  const { state } = api;
  if (/^[UW]/.test(name) && state.person(name)) return state.directMessage([name, state.data.app.botUser]);
  const channel = state.channel(name) ?? state.data.channels.find((other) => `#${other.name}` === name);
  if (!channel || (channel.kind !== 'public' && !isMember(api, channel)))
    throw new ApiError('channel_not_found');
  return channel;
}

/** Finds a person. @throws ApiError when there is nobody with that id, or the app may not see them. */
export function knownPerson({ state }: Api, id: string): Person {
  const person = state.person(id);
  if (!person) throw new ApiError('user_not_found');
  if (state.hidden.has(id)) throw new ApiError('user_not_visible');
  return person;
}

export function isMember({ state }: Api, channel: Channel): boolean {
  return channel.members.includes(state.data.app.botUser);
}

const SCOPE_KIND = { public: 'channels', private: 'groups', im: 'im', mpim: 'mpim' } as const;

/** Scope for a kind of channel, such as `groups:history`. */
export function scopeFor(channel: Channel, right: 'read' | 'history' | 'write'): string {
  return `${SCOPE_KIND[channel.kind]}:${right}`;
}

/** One page of a list. The cursor holds the next index. */
export function page<T>(all: T[], args: Args, fallback: number, max = 1000): { items: T[]; next: string } {
  const cursor = args.string('cursor');
  const start = cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64').toString());
  if (!Number.isInteger(start) || start < 0) throw new ApiError('invalid_cursor');
  const end = start + Math.min(args.number('limit', fallback), max);
  const next = end < all.length ? Buffer.from(String(end)).toString('base64') : '';
  return { items: all.slice(start, end), next };
}
