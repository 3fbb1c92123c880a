import { RemoteError } from '../platform/errors.js';
import { isOfServer } from '../run/execution/find-tools.js';
import type { ToolResult, ToolSpec } from '../run/execution/tools.js';
import { measure, stopwatch } from '../telemetry/metrics.js';
import { describeCost, describeSearch } from './cost.js';
import { createFetchUrl, type Reach } from './fetch-url/index.js';
import { unknownTool } from './mcp/failures.js';
import { findInputProblem } from './mcp/schemas/check-input.js';
import { type CallOptions, keepServer } from './mcp/server.js';
import { prefixOf } from './names.js';
import { createRefusedTools } from './refused-tools.js';
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
  const refused = createRefusedTools(log);
  const started = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.settled()));
  };
  const list = async (): Promise<ToolSpec[]> => {
    await started();
    await Promise.all(servers.map((server) => server.refresh()));
    const remote = servers.flatMap((server) => [...server.tools().values()]);
    return [fetchUrl, ...remote].map(({ spec }) => spec).filter(refused.isOffered);
  };
  const known = (name: string) =>
    name === fetchUrl.spec.name
      ? fetchUrl
      : servers.map((server) => server.tools().get(name)).find((tool) => tool !== undefined);

  return {
    /** Resolves when every server runs or has failed its first start; after 5 s at the latest. */
    started,
    list,
    /** Stops offering a tool that the model's API refuses, until its server changes it. */
    leaveOut: refused.add,
    /** Tools that can't be offered, each with a reason. */
    leftOut: () =>
      servers.flatMap(({ name: server, tools, leftOut }) =>
        [...leftOut(), ...refused.of(tools())].map(([tool, reason]) => ({ server, tool, reason })),
      ),
    /** Schemas of the tools of servers, each with the digest of its definition. */
    schemas: () =>
      servers.flatMap((server) =>
        [...server.tools().values()].map(({ spec, inputSchema: schema }) => ({
          definition: spec.definition ?? '',
          schema,
        })),
      ),
    async findInputProblem(name: string, input: Record<string, unknown>): Promise<string | undefined> {
      const tool = known(name);
      return tool && 'inputSchema' in tool ? await findInputProblem(tool, input) : undefined;
    },
    async call(name: string, input: Record<string, unknown>, options: CallOptions = {}): Promise<ToolResult> {
      if (name === fetchUrl.spec.name)
        return await timed('built-in', () => fetchUrl.call(input, options.signal));
      const server = servers.find((one) => name.startsWith(prefixOf(one.name)));
      if (!server) throw unknownTool(name);
      return await timed(server.name, async () => toResult(await server.call(name, input, options)));
    },
    /** Servers in the order of the configuration. `tools`: the available ones, in number. `cost`: the same in words. `reason`: why the server is unavailable. */
    servers: () =>
      servers.map(({ name, tools, problem }) => {
        const cost = describeCost([...tools().values()].map(({ spec }) => spec));
        return { server: name, tools: tools().size, cost, reason: problem() };
      }),
    /** Says that the tools are found by search; undefined where they are few. */
    search: async () => describeSearch((await list()).filter(isOfServer)),
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

/** Measures how long a call takes. */
async function timed(server: string, call: () => Promise<ToolResult>): Promise<ToolResult> {
  const seconds = stopwatch();
  let outcome = 'failed';
  try {
    const result = await call();
    outcome = result.isError ? 'error' : 'done';
    return result;
  } catch (error) {
    if (error instanceof RemoteError) outcome = error.code;
    throw error;
  } finally {
    measure('countersign.tool.call.duration', seconds(), { server, outcome });
  }
}
