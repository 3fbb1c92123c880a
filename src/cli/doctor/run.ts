import type { Role } from '../../config/role.js';
import { prepareEnvironment } from '../prepare-environment.js';

const say = (line: string) => console.log(line);

/** Checks the settings and connections or, with a channel, what the real Slack does there. Sets the exit code to 1 where something is wrong. */
export async function runDoctor(role: Role, live?: string): Promise<void> {
  const isWell =
    live === undefined
      ? await (await import('./examine.js')).examine(prepareEnvironment(), say, role)
      : await (await import('../live/examine.js')).examineLive(prepareEnvironment(), live, say);
  process.exitCode = isWell ? 0 : 1;
}
