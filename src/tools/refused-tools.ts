import type { ToolSpec } from '../run/execution/tools.js';
import type { RemoteTool } from './mcp/list-tools.js';
import type { ToolLog } from './settings.js';

/** Remembers tools that the model's API refuses. A tool that its server changes is offered again. */
export function createRefusedTools(log: ToolLog) {
  const refused = new Map<string, { as: string; reason: string }>();
  const written = ({ description, inputSchema }: ToolSpec) => JSON.stringify([description, inputSchema]);
  const isOffered = (tool: ToolSpec) => {
    const known = refused.get(tool.name);
    return known === undefined || known.as !== written(tool);
  };
  return {
    isOffered,
    add(tool: ToolSpec, reason: string): void {
      if (!isOffered(tool)) return;
      refused.set(tool.name, { as: written(tool), reason });
      log.warn({ tool: tool.name }, `The tool ${tool.name} is not offered any more: ${reason}`);
    },
    /** Those of a server's tools that are not offered, each with the API's reason. */
    of: (tools: ReadonlyMap<string, RemoteTool>): [tool: string, reason: string][] =>
      [...tools.values()].flatMap(({ spec, name }) =>
        isOffered(spec) ? [] : [[name, refused.get(spec.name)?.reason ?? '']],
      ),
  };
}
