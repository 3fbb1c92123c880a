import { createActivities } from '../activities/index.js';
import { isPostgres } from '../ledger/database/database.js';
import { createDownload } from '../slack/client/reading/download-file.js';
import { createThreadReader } from '../slack/client/reading/read-thread.js';
import { shareUpdates } from '../slack/client/web/web.js';
import { stopTimesWithin } from '../temporal/worker/stop-times.js';
import { createWorkers, type WorkerSettings, type Workers } from '../temporal/worker/worker.js';
import { readFile } from '../tools/read-file/index.js';
import type { ToolSchemas } from '../tools/schemas.js';
import { admitStartedRun } from '../use-cases/admit-run.js';
import { countWorkers } from './count-workers.js';
import type { Shared } from './shared.js';
import type { Stops } from './stops.js';
import type { Tooling } from './tooling.js';

/** Longest wait for the workers, in milliseconds. From the sources they bundle the workflow first. */
const WORKERS_WITHIN_MS = 60_000;

/** Polls the task queues. `ended` rejects when a worker fails. */
export async function startWorker(
  shared: Shared,
  { model, toolbox }: Tooling,
  schemas: Pick<ToolSchemas, 'keep'>,
  stops: Stops,
): Promise<Pick<Workers, 'isPolling' | 'drainCalls'> & { ended: Promise<void> }> {
  const { config, ledger, identity, temporal, web, directory, sessions, messenger } = shared;
  const { slack, taskQueue, payloads, versioning, slots, shutdownGraceMs } = config;
  const download = createDownload({ token: slack.botToken, ...(slack.apiUrl && { apiUrl: slack.apiUrl }) });
  const activities = createActivities({
    ...{ model, messenger, directory, sessions, ledger, policyFor: shared.policyFor },
    toolbox: {
      ...toolbox,
      async list() {
        const tools = await toolbox.list();
        await schemas.keep(toolbox.schemas());
        return tools;
      },
    },
    admitRun: (run) => admitStartedRun(shared.useCases, run),
    readThread: createThreadReader({ client: web, bot: identity, download, readFile }),
  });
  const settings: WorkerSettings = {
    ...{ connection: temporal.native, namespace: temporal.namespace, taskQueue, activities },
    payloads: { store: ledger, ...payloads },
    ...(versioning && { versioning }),
    ...{ slots, stopTimes: stopTimesWithin(shutdownGraceMs) },
  };
  const workers = await temporal.inTime(() => createWorkers(settings), WORKERS_WITHIN_MS);
  const ended = workers.run();
  if (isPostgres(config.databaseUrl)) {
    const counting = countWorkers({ leases: ledger, counted: (count) => shareUpdates(web, count) });
    stops.add(counting.stop);
  }
  stops.add(async () => {
    workers.shutdown();
    await ended.catch(() => 'told through `failed`');
  });
  return { isPolling: workers.isPolling, drainCalls: workers.drainCalls, ended };
}
