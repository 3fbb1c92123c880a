import type { ToolResult, ToolSpec } from '../run/tools.js';
import { createFetchUrl, type Reach } from './fetch-url/index.js';
import { unknownTool } from './mcp/failures.js';
import { keepServer } from './mcp/server.js';
import { prefixOf } from './names.js';
import { toResult } from './result.js';
import type { CallContext, ServerSettings, ToolLog } from './settings.js';

export type { ServerSettings, ToolLog } from './settings.js';

export interface ToolboxSettings {
  servers: ServerSettings[];
  log: ToolLog;
  /** What `fetch_url` may connect to. @default public addresses, ports 80 and 443 */
  reach?: Reach;
}

/** Everything that a run can call. Errors are `RemoteError`s; an abort is passed on as it is. */
export interface Toolbox {
  /** Resolves when every server runs, or has shown that it won't soon: after 5 s at most. */
  started(): Promise<void>;
  /** What can be called now; tools of servers that are down are not among it. */
  list(): Promise<ToolSpec[]>;
  /**
   * Makes a call, at most once. What the tool itself says went wrong is a result (`isError`).
   *
   * @throws RemoteError with code `AnswerLost` when nobody knows whether the call happened; with `ToolUnavailable` (retryable when the
   * server may come back by itself) or `InvalidArguments` when it certainly did not.
   */
  call(name: string, input: Record<string, unknown>, context?: CallContext): Promise<ToolResult>;
  /** How each server is, in the order of the configuration. */
  servers(): ServerStatus[];
  /** The servers that can't be used now, and why, in a sentence. */
  problems(): { server: string; reason: string }[];
  close(): Promise<void>;
}

export interface ServerStatus {
  server: string;
  /** How many tools it offers now. */
  tools: number;
  /** Why it can't be used now; unset while it runs. */
  reason?: string;
}

/** Starts the servers, each by itself, and keeps them. */
export function createToolbox({ servers: asked, log, reach }: ToolboxSettings): Toolbox {
  const servers = asked.map((settings) => keepServer(settings, log));
  const builtIn = [createFetchUrl(reach)];
  const started = async () => {
    await Promise.all(servers.map((server) => server.settled()));
  };
  const statuses = () =>
    servers.map((server): ServerStatus => {
      const reason = server.problem();
      return { server: server.name, tools: server.tools().size, ...(reason !== undefined && { reason }) };
    });

  return {
    started,
    async list() {
      await started();
      const remote = servers.flatMap((server) => [...server.tools().values()]);
      return [...builtIn, ...remote].map(({ spec }) => spec);
    },
    async call(name, input, context) {
      const { signal } = context ?? {};
      const own = builtIn.find(({ spec }) => spec.name === name);
      if (own) return await own.call(input, signal);
      const server = servers.find((one) => name.startsWith(prefixOf(one.name)));
      if (!server) throw unknownTool(name);
      return toResult(await server.call(name, input, signal));
    },
    servers: statuses,
    problems: () =>
      statuses().flatMap(({ server, reason }) => (reason === undefined ? [] : [{ server, reason }])),
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
