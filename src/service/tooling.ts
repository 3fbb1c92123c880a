import type { Config } from '../config/environment.js';
import type { Ledger } from '../ledger/index.js';
import { connectModel } from '../llm/connect-model.js';
import type { Logger } from '../platform/log.js';
import { createLogins, createToolbox, withLogins } from '../tools/index.js';
import type { Health } from './health.js';
import { watchModel } from './model-state.js';
import type { Stops } from './stops.js';

/** Claude, and the MCP servers. */
export type Tooling = Awaited<ReturnType<typeof startTooling>>;

/**
 * Starts the MCP servers, and asks for the model beside that.
 *
 * @returns `check`: waits for the model, and until each server runs or has failed its first start. @throws ConfigError from there.
 */
export async function startTooling(
  { anthropic, mcp, loginKeys }: Config,
  ledger: Ledger,
  log: Logger,
  stops: Stops,
) {
  if (!anthropic) throw new Error('Only a worker has a model');
  const model = await connectModel(anthropic);
  const toolbox = createToolbox({ servers: withLogins(mcp, createLogins(ledger, loginKeys)), log });
  stops.add(toolbox.close);
  const check = async () => {
    const [found] = await Promise.all([model.check(), toolbox.started()]);
    log.info(`Claude: ${found.summary}`);
    for (const warning of found.warnings) log.warn(warning);
    for (const { server, reason } of toolbox.problems()) {
      log.warn({ server }, `The tools of ${server} are not available: ${reason}`);
    }
    return found;
  };
  const { model: watched, state } = watchModel(model);
  return { model: watched, toolbox, check, claude: state };
}

/** Shows the state of Claude and of each MCP server. Neither makes the process unready: the next process would have the same trouble. */
export function watchTooling({ toolbox, claude }: Tooling, health: Health): void {
  health.watch('claude', { isRequired: false, look: claude });
  health.watchAll('mcpServers', () =>
    Object.fromEntries(
      toolbox
        .servers()
        .map(({ server, reason }) => [
          server,
          reason === undefined ? { status: 'up' } : { status: 'down', reason },
        ]),
    ),
  );
}
