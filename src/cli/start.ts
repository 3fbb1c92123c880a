import { readConfig } from '../config/environment.js';
import type { Role } from '../config/role.js';
import { createLog } from '../platform/log.js';
import { prepareEnvironment } from './prepare-environment.js';
import { stopRequested } from './stop-signals.js';

/** Runs a role of the service until a signal asks it to stop. Exits the process. */
export async function start(role: Role): Promise<void> {
  const config = readConfig(prepareEnvironment(), role);
  const log = createLog(config.logLevel);
  const stopping = stopRequested(log);
  const { startService } = await import('../service/index.js');
  const service = await Promise.race([startService(config, log), stopping]);
  // Temporal gives what this process has begun to the next one.
  if (typeof service === 'string') process.exit(0);
  log.info(service.summary);
  process.send?.({ type: 'ready' });

  const reason = await Promise.race([stopping, service.failed]);
  log.info({ reason }, 'Stopping: calls in flight end, or go back to Temporal');
  setTimeout(() => process.exit(1), config.shutdownGraceMs).unref();
  await service.stop();
  process.exit(0);
}
