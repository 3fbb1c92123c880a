import type { Client } from '@temporalio/client';
import { createActivities } from './activities/index.js';
import { groupsIn, policyFor } from './approval/policy.js';
import type { Config } from './config/environment.js';
import { openLedger } from './ledger/index.js';
import { type Reconciler, startReconciling } from './ledger/reconcile/reconcile.js';
import { createModel } from './llm/index.js';
import { boltLogger, type Logger, temporalLog } from './log.js';
import { createHomePublisher } from './slack/client/home-publisher.js';
import { createMessenger } from './slack/client/messenger.js';
import { createWebClient } from './slack/client/web.js';
import { channelProblems } from './slack/permissions/channel-problems.js';
import { createDirectory, type Directory } from './slack/permissions/directory.js';
import { identify, resolveChannel } from './slack/permissions/identity.js';
import { createApp } from './slack/receiver/app.js';
import { connectTemporal } from './temporal/connection.js';
import { runIdOf } from './temporal/ids.js';
import { createRuns } from './temporal/runs.js';
import { createSchedules, type Schedules } from './temporal/schedules.js';
import { createVersions, type Versioning } from './temporal/versions.js';
import { createWorkers, installRuntime } from './temporal/worker.js';
import { createToolbox } from './tools/index.js';
import { createHomes, type Homes } from './use-cases/draw-homes.js';
import { createRefusals } from './use-cases/record-refusals.js';

export interface Service {
  /** One line: what runs, against what. */
  summary: string;
  /** Ends in order: no more from Slack, what is in flight finishes or goes back to Temporal, then the connections close. */
  stop(): Promise<void>;
  /** Rejects when a part fails in a way that only a restart, or a person, can mend. */
  failed: Promise<never>;
}

/**
 * Puts the service together and starts it.
 *
 * @throws ConfigError that names the variable when a part can't be reached or refuses its token.
 */
export async function startService(config: Config, log: Logger): Promise<Service> {
  installRuntime(temporalLog(log));
  const { slack, taskQueue } = config;
  const model = createModel(config.anthropic);
  const opened: { close(): Promise<void> }[] = [];
  try {
    // Before the workers, so that its calls in flight end first.
    const toolbox = createToolbox({ servers: config.mcp, log });
    opened.push(toolbox);
    const [identity, approvalChannel] = await Promise.all([
      identify(slack),
      config.approvalChannel === undefined ? undefined : resolveChannel(slack, config.approvalChannel),
      model.check(),
      toolbox.started(),
    ]);
    for (const { server, reason } of toolbox.problems()) {
      log.warn({ server }, `The tools of ${server} are not available: ${reason}`);
    }
    let homes: Homes | undefined;
    const ledger = await openLedger(config.databaseUrl, {
      appended: (entries) => homes?.changed(entries),
      keysTaken: (entries) => log.error({ entries }, KEYS_TAKEN),
    });
    opened.push(ledger);
    const refusals = createRefusals(ledger, log);
    opened.push({ close: refusals.written });
    const payloads = { store: ledger, ...config.payloads };
    // The client only reads, so it takes payloads in clear, whatever the workers take.
    const temporal = await connectTemporal({ ...payloads, takesPlain: true });
    opened.push(temporal);
    const searchAttributes = await temporal.registerSearchAttributes();

    const web = createWebClient(slack.botToken, slack.apiUrl ? { slackApiUrl: slack.apiUrl } : {});
    const directory = createDirectory(web);
    const messenger = createMessenger(web, directory);
    homes = createHomes({ ledger, directory, publish: createHomePublisher(web), log });
    opened.push({ close: homes.stop });
    const workers = await createWorkers({
      connection: temporal.native,
      namespace: temporal.namespace,
      taskQueue,
      activities: createActivities({ model, messenger, directory, ledger, toolbox }),
      payloads,
      ...(config.versioning && { versioning: config.versioning }),
    });
    const working = workers.run();
    let fail: (error: Error) => void = () => {};
    const slackFailed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const runs = createRuns(temporal.client, taskQueue, { searchAttributes });
    const schedules = createSchedules(temporal.client, taskQueue, { searchAttributes });
    const { teamId: team, enterpriseId: enterprise } = identity;
    const home = { team, ...(enterprise !== undefined && { enterprise }) };
    const policyIn = (channel: string) => ({ ...policyFor(config.policy, channel), ...home });
    let reconciler: Reconciler | undefined;
    const app = createApp(
      { ...slack, identity, logger: boltLogger(log), onFatal: fail },
      {
        ...{ runs, schedules, directory, ledger, refusals, home, runIdOf, log },
        policyFor: policyIn,
        toolProblems: toolbox.problems,
        homeOpened: (person) => homes?.opened(person) ?? Promise.resolve(),
        channelChanged: (channel) => reconciler?.lookAgain(channel),
        ...(approvalChannel !== undefined && { approvalChannel }),
      },
    );
    const stopWorkers = async () => {
      workers.shutdown();
      await working.catch(() => 'told through `failed`');
    };
    opened.push({ close: stopWorkers });
    await app.start();
    reconciler = startReconciling({ ledger, runs, messenger, log });
    opened.push({ close: reconciler.stop });
    void warnOfPolicy(config, directory, log);
    void refreshSchedules(schedules, policyIn, log);
    if (config.versioning) await warnUnlessCurrent(temporal.client, config.versioning, log);

    const workerEnded = working.then(() => new Promise<never>(() => {}));
    const failed = Promise.race([slackFailed, workerEnded]);
    failed.catch(() => 'whoever started the service hears of it');
    return {
      summary: summaryOf(config, identity.team),
      failed,
      async stop() {
        await app.stop();
        await closeAll(opened, log);
      },
    };
  } catch (error) {
    await closeAll(opened, log);
    throw error;
  }
}

const KEYS_TAKEN =
  'Somebody else has written into the ledger, under keys of ours: our entries stand beside theirs. "countersign ledger verify" names them';

/** A policy may name a group or a channel that is no more: the start doesn't end for it, but what it says there does nothing. */
async function warnOfPolicy({ policy, slack }: Config, directory: Directory, log: Logger): Promise<void> {
  for (const problem of await directory.problems(groupsIn(policy))) log.warn(problem);
  for (const problem of await channelProblems(slack, Object.keys(policy.channels))) log.warn(problem);
}

/** Schedules start their next runs under the policy that the file names now. */
async function refreshSchedules(
  schedules: Schedules,
  policyIn: Parameters<Schedules['refresh']>[0],
  log: Logger,
): Promise<void> {
  try {
    const { changed, failed } = await schedules.refresh(policyIn);
    if (changed.length > 0) log.info({ schedules: changed }, 'Schedules follow the policy as it is now');
    for (const { id, error } of failed) log.warn({ schedule: id, err: error }, SCHEDULE_NOT_REFRESHED);
  } catch (err) {
    log.warn({ err }, SCHEDULE_NOT_REFRESHED);
  }
}

const SCHEDULE_NOT_REFRESHED =
  'A schedule could not be brought up to date: until the next start its runs keep the policy they had';

/** A versioned worker gets nothing to do until its version is the current one. */
async function warnUnlessCurrent(client: Client, { deploymentName, buildId }: Versioning, log: Logger) {
  const current = await createVersions(client, deploymentName).current();
  if (current === buildId) return;
  log.warn(
    `New runs go to ${current ? `build ${current}` : 'no build'} of ${deploymentName}. To send them to this one: countersign versions current ${buildId}`,
  );
}

/** Closes what was opened, the newest first; one that can't be closed doesn't keep the others open. */
async function closeAll(opened: { close(): Promise<void> }[], log: Logger): Promise<void> {
  for (const part of [...opened].reverse()) {
    try {
      await part.close();
    } catch (error) {
      log.warn({ err: error }, 'A part could not be closed');
    }
  }
}

function summaryOf({ slack, taskQueue }: Config, team: string): string {
  const way =
    slack.mode.kind === 'socket' ? 'Socket Mode' : `HTTP on port ${slack.mode.port}, path /slack/events`;
  return `Countersign is running: ${team} by ${way}, task queue ${taskQueue}`;
}
