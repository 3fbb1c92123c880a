import { readConfig } from '../config/environment.js';
import type { Role } from '../config/role.js';
import { createLog } from '../platform/log.js';
import { prepareEnvironment } from './prepare-environment.js';

/** Time-out for the shutdown, in milliseconds. Temporal gives unfinished work to the next worker. */
const STOP_WITHIN_MS = 20_000;

/** Runs a role of the service until a signal asks it to stop. Exits the process. */
export async function start(role: Role): Promise<void> {
  const config = readConfig(prepareEnvironment(), role);
  const log = createLog(config.logLevel);
  const { startService } = await import('../service/index.js');
  const service = await startService(config, log);
  log.info(service.summary);
  process.send?.({ type: 'ready' });

  const stopAsked = new Promise<string>((resolve) => {
    // A service that another process started must end with that process.
    for (const event of ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'])
      process.once(event, () => resolve(event));
  });
  const reason = await Promise.race([stopAsked, service.failed]);
  log.info({ reason }, 'Stopping: work in flight finishes or goes back to Temporal');
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  await service.stop();
  process.exit(0);
}
