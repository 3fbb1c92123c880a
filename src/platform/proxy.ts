import type { Socket } from 'node:net';
import {
  buildConnector,
  type Dispatcher,
  EnvHttpProxyAgent,
  errors,
  Pool,
  setGlobalDispatcher,
} from 'undici';
import { ConfigError } from './errors.js';

/** Variables of a proxy, as other programs take them, too. The one in small letters counts first. */
const NAMES = ['https_proxy', 'http_proxy', 'no_proxy'] as const;
const [HTTPS, HTTP, NONE] = NAMES;
const PROTOCOLS = ['http:', 'https:', 'socks5:', 'socks:'];

type Connected = (error: Error | null, data: Dispatcher.ConnectData) => void;

let inUse: EnvHttpProxyAgent.Options | undefined;

/**
 * Sends everything that goes by `fetch` through the proxy of the environment. That is Slack's Web API, Claude, and MCP over HTTP.
 *
 * @throws ConfigError that names the variable of a proxy without a usable address.
 */
export function goThroughProxy(env: NodeJS.ProcessEnv): void {
  const [httpsProxy, httpProxy] = [readProxy(env, HTTPS), readProxy(env, HTTP)];
  if (!httpsProxy && !httpProxy) return;
  inUse = {
    noProxy: readName(env, NONE),
    ...(httpsProxy && { httpsProxy: httpsProxy.href }),
    ...(httpProxy && { httpProxy: httpProxy.href }),
  };
  setGlobalDispatcher(
    new EnvHttpProxyAgent({ ...inUse, clientFactory: (origin, options) => new ProxyPool(origin, options) }),
  );
}

/** Codes of the errors after which undici connects again. */
const CONNECTS_AGAIN = new Set(['UND_ERR_SOCKET', 'UND_ERR_INFO']);

/**
 * Connections to a proxy. A proxy that ends one without an answer makes requests fail. Without this, undici 7 connects again at once and without end.
 * It takes the error for one of a connection that was in use, and goes on for a request that was aborted. Source: nodejs/undici#3897, mended in undici 8.
 */
class ProxyPool extends Pool {
  override connect(options: Dispatcher.ConnectOptions<null>): Promise<Dispatcher.ConnectData>;
  override connect(options: Dispatcher.ConnectOptions<null>, callback: Connected): void;
  override connect(options: Dispatcher.ConnectOptions<null>, callback?: Connected) {
    if (callback) return super.connect(options, callback);
    return super.connect(options).catch((error: unknown) => {
      if (!(error instanceof errors.UndiciError && CONNECTS_AGAIN.has(error.code))) throw error;
      throw new Error(`The proxy ended the connection (${error.message})`, { cause: error });
    });
  }
}

/** Ways through the proxy for one client. */
export interface OwnWay {
  dispatcher: Dispatcher;
  /** Ends all connections of the client, also a WebSocket that waits for its peer to end TCP. */
  close(): void;
}

/** Opens ways for a client that ends its connections itself; undefined without a proxy. */
export function openOwnWay(): OwnWay | undefined {
  if (!inUse) return undefined;
  const sockets = new Set<Socket>();
  const remember =
    (connect: buildConnector.connector): buildConnector.connector =>
    (options, callback) =>
      connect(options, (...result) => {
        if (result[1]) sockets.add(result[1]);
        callback(...result);
      });
  const dispatcher = new EnvHttpProxyAgent({
    ...inUse,
    connect: remember(buildConnector({})),
    clientFactory: (origin, options) => {
      const { connect } = options as { connect: buildConnector.connector };
      return new ProxyPool(origin, { connect: remember(connect) });
    },
  });
  const close = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { dispatcher, close };
}

/** Proxy for an address with TLS; undefined without a proxy, and where `NO_PROXY` names the address. */
export function proxyFor(env: NodeJS.ProcessEnv, host: string, port: number): URL | undefined {
  return isExempt(readName(env, NONE), host.toLowerCase(), port)
    ? undefined
    : (readProxy(env, HTTPS) ?? readProxy(env, HTTP));
}

/** Variables that a child process needs to go through the proxy. */
export function proxyVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = NAMES.flatMap((name) => [name, name.toUpperCase()]);
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/** Shortest password that is hidden, in characters. Hiding a shorter one would hide half of every text. */
const MIN_PASSWORD = 4;

/** Passwords of the proxies of the environment, as they stand in an address and as they are. */
export function proxyPasswords(env: NodeJS.ProcessEnv): string[] {
  const written = Object.values(proxyVariables(env)).flatMap(
    (value) => /^(?:[a-z\d]+:\/\/)?[^:/@]*:([^/]+)@/i.exec(value.trim())?.[1] ?? [],
  );
  const read = written.map(
    (password) => new URLSearchParams(`p=${password.replaceAll('+', '%2B')}`).get('p') ?? '',
  );
  return [...written, ...read].filter(({ length }) => length >= MIN_PASSWORD);
}

/** Describes the proxies of the environment, without passwords; undefined where there are none. `limits`: what doesn't use them. */
export function describeProxy(env: NodeJS.ProcessEnv): { summary: string; limits: string[] } | undefined {
  const used = [HTTPS, HTTP].flatMap((name) => {
    const proxy = readProxy(env, name);
    return proxy ? [`${name.toUpperCase()} ${proxy.protocol}//${proxy.host}`] : [];
  });
  if (used.length === 0) return undefined;
  const exempt = readName(env, NONE);
  const summary = `${used.join(', ')}; ${exempt ? `not for ${exempt} (NO_PROXY)` : 'NO_PROXY names no address'}`;
  const ranges = exempt.split(/[,\s]+/).filter((entry) => entry.includes('/'));
  const limits = ['The tool fetch_url connects to pages directly: it checks where their addresses lead.'];
  if (ranges.length > 0)
    limits.push(
      `NO_PROXY: ${ranges.join(', ')} is a range, which is not understood. Name hosts or addresses.`,
    );
  return { summary, limits };
}

/** True if `NO_PROXY` names a host. The rules are those of undici's `EnvHttpProxyAgent`, so that all clients act alike. */
function isExempt(noProxy: string, host: string, port: number): boolean {
  if (noProxy === '*') return true;
  const entries = noProxy.split(/[,\s]+/).filter((entry) => entry !== '');
  return entries.some((entry) => {
    const [, named = entry, only] = /^(.+):(\d+)$/.exec(entry) ?? [];
    const name = named.replace(/^\*?\./, '').toLowerCase();
    return (only === undefined || Number(only) === port) && (host === name || host.endsWith(`.${name}`));
  });
}

function readProxy(env: NodeJS.ProcessEnv, name: typeof HTTPS | typeof HTTP): URL | undefined {
  const value = readName(env, name);
  if (value === '') return undefined;
  const address = /^[a-z\d]+:\/\//i.test(value) ? value : `http://${value}`;
  if (URL.canParse(address) && isUsable(new URL(address))) return new URL(address);
  const variable = name.toUpperCase();
  const message = `${variable} is no address of a proxy. Write it as http://host:port, with %25 for a % in a password, or unset it.`;
  throw new ConfigError(variable, message);
}

/** True if the protocol is known, and the credentials can be decoded. */
function isUsable({ protocol, username, password }: URL): boolean {
  try {
    decodeURIComponent(`${username}:${password}`);
  } catch {
    return false;
  }
  return PROTOCOLS.includes(protocol);
}

function readName(env: NodeJS.ProcessEnv, name: (typeof NAMES)[number]): string {
  return (env[name] || env[name.toUpperCase()] || '').trim();
}
