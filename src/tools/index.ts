import type { ToolResult, ToolSpec } from '../run/execution/tools.js';
import { createFetchUrl, type Reach } from './fetch-url/index.js';
import { unknownTool } from './mcp/failures.js';
import { type CallOptions, keepServer } from './mcp/server.js';
import { prefixOf } from './names.js';
import { toResult } from './result.js';
import type { ServerSettings, ToolLog } from './settings.js';

export { createLogins } from './mcp/oauth/logins.js';
export { withLogins } from './mcp/oauth/with-login.js';
export type { HttpServer, ServerSettings, ToolLog } from './settings.js';

export interface ToolboxSettings {
  servers: ServerSettings[];
  log: ToolLog;
  /** Addresses to which `fetch_url` may connect. @default public addresses, ports 80 and 443 */
  reach?: Reach;
}

export type Toolbox = ReturnType<typeof createToolbox>;

/** Creates all tools, and starts each MCP server. Errors are `RemoteError`s; an abort is passed on unchanged. */
export function createToolbox({ servers: configured, log, reach }: ToolboxSettings) {
  const servers = configured.map((settings) => keepServer(settings, log));
  const fetchUrl = createFetchUrl(reach);
  const started = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.settled()));
  };

  return {
    /** Resolves when every server runs or has failed its first start; after 5 s at the latest. */
    started,
    async list(): Promise<ToolSpec[]> {
      await started();
      await Promise.all(servers.map((server) => server.refresh()));
      const remote = servers.flatMap((server) => [...server.tools().values()]);
      return [fetchUrl, ...remote].map(({ spec }) => spec);
    },
    async call(name: string, input: Record<string, unknown>, options: CallOptions = {}): Promise<ToolResult> {
      if (name === fetchUrl.spec.name) return await fetchUrl.call(input, options.signal);
      const server = servers.find((one) => name.startsWith(prefixOf(one.name)));
      if (!server) throw unknownTool(name);
      return toResult(await server.call(name, input, options));
    },
    /** Servers in the order of the configuration. `tools`: number of available tools. `reason`: why the server is unavailable. */
    servers: () =>
      servers.map(({ name, tools, problem }) => ({ server: name, tools: tools().size, reason: problem() })),
    /** Unavailable servers, each with a reason. */
    problems: () =>
      servers.flatMap(({ name, problem }) => {
        const reason = problem();
        return reason === undefined ? [] : [{ server: name, reason }];
      }),
    async close(): Promise<void> {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
