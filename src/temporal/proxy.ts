import type { NativeConnectionOptions } from '@temporalio/worker';
import { proxyFor } from '../platform/proxy.js';

/** Settings of Temporal's two connections for the proxy of the environment. */
export interface TemporalProxy {
  /** Arguments of the client's channel. */
  channelArgs: Record<string, number>;
  /** Options of the worker's connection. */
  native: Pick<NativeConnectionOptions, 'proxy'>;
  /** The proxy, for people; undefined for a direct connection. */
  through?: string;
  /** Reason why the connections are direct although there is a proxy. */
  problem?: string;
}

const DIRECT: TemporalProxy = { channelArgs: { 'grpc.enable_http_proxy': 0 }, native: {} };

/**
 * Chooses the way to a Temporal server. The client's gRPC reads its proxy from the environment, so `grpc_proxy` is set there; the worker's
 * takes it as an option. Both speak CONNECT to an HTTP proxy, and no other protocol.
 */
export function chooseWay(env: NodeJS.ProcessEnv, address: string): TemporalProxy {
  const url = `https://${address.replace(/^[a-z]+:\/\//, '')}`;
  // The connection says what is wrong with the address.
  if (!URL.canParse(url)) return DIRECT;
  const { hostname, port } = new URL(url);
  const proxy = proxyFor(env, hostname, Number(port) || 7233);
  if (!proxy) return DIRECT;
  const through = `${proxy.protocol}//${proxy.host}`;
  if (proxy.protocol !== 'http:')
    return {
      ...DIRECT,
      problem: `Temporal can't use the proxy at ${through}, so it is connected to directly: its clients know HTTP proxies alone (http://host:port).`,
    };
  env.grpc_proxy = proxy.href;
  // gRPC's own rule for exceptions is another one, and this decision is made.
  env.no_grpc_proxy = 'none.invalid';
  const [username, password] = [proxy.username, proxy.password].map(decodeURIComponent);
  return {
    channelArgs: { 'grpc.enable_http_proxy': 1 },
    native: {
      proxy: {
        type: 'http-connect',
        targetHost: `${proxy.hostname}:${proxy.port || 80}`,
        ...(username && { basicAuth: { username, password: password ?? '' } }),
      },
    },
    through,
  };
}
