import { readVariable } from '../config/environment.js';
import { createVersions } from '../temporal/versions.js';
import { prepareEnvironment } from './prepare-environment.js';
import { withTemporal } from './with-temporal.js';

/** Lists the versions of the service in Temporal. With `build`, new runs go to that one first. */
export async function runVersions(build?: string): Promise<void> {
  const name = readVariable(prepareEnvironment(), 'TEMPORAL_DEPLOYMENT_NAME');
  await withTemporal({}, async ({ client }) => {
    const deployed = createVersions(client, name);
    if (build !== undefined) await deployed.makeCurrent(build);
    const list = await deployed.list();
    if (list.length === 0) console.log(`Temporal knows no version of "${name}", and no run.`);
    for (const version of list) {
      const runs = `${version.runs} ${version.runs === 1 ? 'run' : 'runs'}`;
      console.log(`${version.current ? '*' : ' '} ${version.buildId ?? '(no version)'}  ${runs}`);
    }
  });
}
