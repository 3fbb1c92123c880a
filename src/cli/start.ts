import { readConfig } from '../config/environment.js';
import type { Role } from '../config/role.js';
import { createLog } from '../platform/log.js';
import { prepareEnvironment } from './prepare-environment.js';
import { stopRequested } from './stop-signals.js';

/** Runs a role of the service until a signal asks it to stop. Exits the process. */
export async function start(role: Role): Promise<void> {
  const config = readConfig(prepareEnvironment(), role);
  const log = createLog(config.logLevel);
  const { startService } = await import('../service/index.js');
  const service = await startService(config, log);
  log.info(service.summary);
  process.send?.({ type: 'ready' });

  const reason = await Promise.race([stopRequested(log), service.failed]);
  log.info({ reason }, 'Stopping: calls in flight end, or go back to Temporal');
  setTimeout(() => process.exit(1), config.shutdownGraceMs).unref();
  await service.stop();
  process.exit(0);
}
