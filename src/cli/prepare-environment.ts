import { loadEnvironment } from '../config/environment.js';
import { goThroughProxy } from '../platform/proxy.js';

/** Reads the environment and `.env`, and sends what follows through the proxy that they name. */
export function prepareEnvironment(): NodeJS.ProcessEnv {
  const env = loadEnvironment();
  goThroughProxy(env);
  return env;
}
