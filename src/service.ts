import type { Client } from '@temporalio/client';
import { createActivities } from './activities/index.js';
import type { Config } from './config/environment.js';
import { openLedger } from './ledger/index.js';
import { startReconciling } from './ledger/reconcile/reconcile.js';
import { createUpkeep } from './ledger/upkeep.js';
import { connectModel } from './llm/connect-model.js';
import { boltLogger, type Logger, temporalLog } from './platform/log.js';
import { describeProxy } from './platform/proxy.js';
import { findRuleProblems } from './run/execution/rules.js';
import { createAgentSessions, withSessions } from './slack/client/agent-sessions.js';
import { createDownload } from './slack/client/download-file.js';
import { createHomePublisher } from './slack/client/home-publisher.js';
import { createMessenger } from './slack/client/messenger.js';
import { createThreadReader } from './slack/client/read-thread.js';
import { createWebClient } from './slack/client/web.js';
import { checkApprovalChannel, describePolicy } from './slack/permissions/describe-policy.js';
import { createDirectory } from './slack/permissions/directory.js';
import { identify, resolveChannel } from './slack/permissions/identity.js';
import { findPolicyProblems } from './slack/permissions/policy-problems.js';
import { createApp } from './slack/receiver/app.js';
import { connectTemporal } from './temporal/connection.js';
import { shortIdOf } from './temporal/ids.js';
import { createRuns, type Others } from './temporal/runs.js';
import { createSchedules, type Schedules } from './temporal/schedules.js';
import { createVersions, type Versioning } from './temporal/versions.js';
import { createWorkers, installRuntime, type WorkerSettings } from './temporal/worker.js';
import { createLogins, createToolbox, withLogins } from './tools/index.js';
import { readFile } from './tools/read-file/index.js';
import { admitStartedRun, cardChannel, policyOfNow } from './use-cases/admit-run.js';
import { createHomes, type Homes } from './use-cases/draw-homes.js';
import type { UseCasePorts } from './use-cases/ports.js';
import { createRefusals } from './use-cases/record-refusals.js';

export interface Service {
  /** One line: the running parts and their addresses. */
  summary: string;
  /** Stops in order: Slack's events first, then the work in flight, which finishes or goes back to Temporal, then the connections. */
  stop(): Promise<void>;
  /** Rejects when a part fails in a way that only a restart or a person can fix. */
  failed: Promise<never>;
}

/** Longest wait for the workers, in milliseconds. From the sources they bundle the workflow first. */
const WORKERS_WITHIN_MS = 60_000;

/** Assembles the service and starts it. @throws ConfigError that names the variable when a part can't be reached or refuses its token. */
export async function startService(config: Config, log: Logger): Promise<Service> {
  installRuntime(temporalLog(log));
  /** Functions that close the parts, called in reverse order. */
  const closing: (() => Promise<unknown>)[] = [];
  try {
    return await startParts(config, log, closing);
  } catch (error) {
    await closeAll(closing, log);
    throw error;
  }
}

async function startParts(
  config: Config,
  log: Logger,
  closing: (() => Promise<unknown>)[],
): Promise<Service> {
  const { slack, taskQueue, payloads, versioning } = config;
  for (const warning of config.warnings) log.warn(warning);
  const model = await connectModel(config.anthropic);
  let homes: Homes | undefined;
  const ledger = await openLedger(config.databaseUrl, {
    appended: (entries) => homes?.changed(entries),
    keysTaken: (entries) => log.error({ entries }, KEYS_TAKEN),
  });
  closing.push(ledger.close);
  const logins = createLogins(ledger, config.loginKeys);
  const toolbox = createToolbox({ servers: withLogins(config.mcp, logins), log });
  closing.push(toolbox.close);
  const [identity, approvalChannel, found] = await Promise.all([
    identify(slack),
    config.approvalChannel === undefined ? undefined : resolveChannel(slack, config.approvalChannel),
    model.check(),
    toolbox.started(),
  ]);
  if (approvalChannel !== undefined) {
    checkApprovalChannel(config.policy, approvalChannel, config.approvalChannel ?? approvalChannel);
  }
  log.info(`Claude: ${found.summary}`);
  for (const warning of found.warnings) log.warn(warning);
  for (const { server, reason } of toolbox.problems()) {
    log.warn({ server }, `The tools of ${server} are not available: ${reason}`);
  }

  const refusals = createRefusals(ledger, log);
  closing.push(refusals.written);
  const temporal = await connectTemporal({ store: ledger, ...payloads });
  closing.push(temporal.close);
  warnOfProxy(temporal.proxyProblem, log);
  const { client } = temporal;
  const searchAttributes = await temporal.registerSearchAttributes();

  const web = createWebClient(slack.botToken, slack.apiUrl ? { slackApiUrl: slack.apiUrl } : {});
  const directory = createDirectory(web);
  const sessions = createAgentSessions(web, log);
  const messenger = withSessions(createMessenger(web, directory), sessions);
  const download = createDownload({ token: slack.botToken, ...(slack.apiUrl && { apiUrl: slack.apiUrl }) });
  const { app: slackApp, home } = identity;
  const own = { app: slackApp, searchAttributes, strictClient: temporal.strictClient };
  const runs = createRuns(client, taskQueue, own);
  const schedules = createSchedules(client, taskQueue, own);
  const place = { policies: config.policy, ...(approvalChannel !== undefined && { approvalChannel }) };
  const policyIn = (channel: string) => ({ ...policyOfNow(place, channel), ...home });
  const useCases: UseCasePorts = {
    ...{ runs, schedules, directory, ledger, refusals, home, log },
    ...place,
    policyFor: policyIn,
  };
  homes = createHomes({ ports: useCases, ledger, publish: createHomePublisher(web) });
  closing.push(homes.stop);
  const activities = createActivities({
    ...{ model, messenger, directory, sessions, ledger, toolbox },
    policyFor: policyIn,
    admitRun: (run) => admitStartedRun(useCases, run),
    readThread: createThreadReader({ client: web, bot: identity, download, readFile }),
  });
  const settings: WorkerSettings = {
    ...{ connection: temporal.native, namespace: temporal.namespace, taskQueue, activities },
    payloads: { store: ledger, ...payloads },
    ...(versioning && { versioning }),
  };
  const workers = await temporal.inTime(() => createWorkers(settings), WORKERS_WITHIN_MS);
  const working = workers.run();
  closing.push(async () => {
    workers.shutdown();
    await working.catch(() => 'told through `failed`');
  });

  const upkeep = createUpkeep({ ledger, retentionMs: config.retentionMs, log });
  upkeep.start();
  closing.push(upkeep.stop);
  const reconciler = startReconciling({ ledger, runs, messenger, log });
  closing.push(reconciler.stop);
  let onFatal: (error: Error) => void = () => {};
  const slackFailed = new Promise<never>((_, reject) => {
    onFatal = reject;
  });
  const app = createApp(
    { ...slack, identity, logger: boltLogger(log), onFatal },
    {
      ...useCases,
      shortIdOf,
      tools: toolbox,
      toolProblems: () => [...toolbox.problems(), ...toolbox.leftOut()],
      homeOpened: homes.opened,
      channelChanged: reconciler.lookAgain,
    },
  );
  await app.start();
  closing.push(app.stop);

  checkLater(log, [
    async () => {
      const search = await toolbox.search();
      if (search) log.info(search);
    },
    async () => {
      const away = toolbox.problems().map(({ server }) => server);
      const problems = findRuleProblems(config.policy.tools ?? [], await toolbox.list(), away);
      for (const problem of problems) log.warn(`POLICY_FILE: ${problem}`);
    },
    async () => {
      for (const problem of await findPolicyProblems(slack, config.policy)) log.warn(problem);
    },
    async () => log.info(`Approvals: ${await describePolicy(slack, config.policy, approvalChannel)}`),
    async () =>
      warnOfOthers(
        await refreshSchedules(schedules, useCases, log),
        await runs.countOthers(),
        taskQueue,
        log,
      ),
    async () => versioning && (await warnUnlessCurrent(client, versioning, log)),
  ]);
  const workerEnded = working.then(() => new Promise<never>(() => {}));
  const failed = Promise.race([slackFailed, workerEnded]);
  failed.catch(() => 'whoever started the service hears of it');
  return { summary: summaryOf(config, identity.team), failed, stop: () => closeAll(closing, log) };
}

const KEYS_TAKEN =
  'Another writer has used keys of this service in the ledger. The entries of the service were stored under other keys. "countersign ledger verify" names them';

/** Says which proxy is used, and what can't use it. */
function warnOfProxy(problem: string | undefined, log: Logger): void {
  const proxy = describeProxy(process.env);
  if (!proxy) return;
  log.info(`Slack, Claude, MCP${problem ? '' : ', Temporal'} go through the proxy: ${proxy.summary}`);
  for (const limit of problem ? [problem, ...proxy.limits] : proxy.limits) log.warn(limit);
}

/** Runs checks whose failure doesn't end the start. */
function checkLater(log: Logger, checks: (() => Promise<unknown>)[]): void {
  for (const check of checks) {
    check().catch((err: unknown) => log.warn({ err }, 'A check after the start failed'));
  }
}

/** Updates the schedules to the policy file, so that their next runs use it. */
async function refreshSchedules(schedules: Schedules, useCases: UseCasePorts, log: Logger): Promise<Others> {
  const { changed, failed, others } = await schedules.refresh((origin) => {
    const channel = cardChannel(useCases, origin);
    return { channel, policy: useCases.policyFor(channel) };
  });
  if (changed.length > 0) log.info({ schedules: changed }, 'Schedules were updated to the current policy');
  for (const { id, error } of failed) log.warn({ schedule: id, err: error }, SCHEDULE_NOT_REFRESHED);
  return others;
}

/** Says which runs and schedules in the namespace belong to another Slack app. */
function warnOfOthers(schedules: Others, runs: Others, taskQueue: string, log: Logger): void {
  if (schedules.all + runs.all === 0) return;
  const found = `${schedules.all} schedules and ${runs.all} running runs in this namespace belong to another Slack app, or were encrypted with another key. This service leaves them alone.`;
  const shared = schedules.onQueue + runs.onQueue;
  if (shared === 0) log.info(found);
  else
    log.warn(
      `${found} But ${shared} of them use the same task queue, ${taskQueue}: each service takes the work of the other. Give one of them another TEMPORAL_TASK_QUEUE or TEMPORAL_NAMESPACE.`,
    );
}

const SCHEDULE_NOT_REFRESHED =
  'A schedule could not be updated: its runs keep the old policy until the next start';

/** Warns when this worker's version isn't the current one, and so gets no new runs. */
async function warnUnlessCurrent(client: Client, { deploymentName, buildId }: Versioning, log: Logger) {
  const current = await createVersions(client, deploymentName).current();
  if (current === buildId) return;
  log.warn(
    `New runs go to ${current ? `build ${current}` : 'no build'} of ${deploymentName}. To send them to this one: countersign versions current ${buildId}`,
  );
}

/** Closes the parts, newest first. A part that can't be closed doesn't block the others. */
async function closeAll(closing: (() => Promise<unknown>)[], log: Logger): Promise<void> {
  for (const close of closing.toReversed()) {
    await close().catch((err: unknown) => log.warn({ err }, 'A part could not be closed'));
  }
}

function summaryOf({ slack, taskQueue, policyFile }: Config, team: string): string {
  const way =
    slack.mode.kind === 'socket' ? 'Socket Mode' : `HTTP on port ${slack.mode.port}, path /slack/events`;
  const policy = policyFile ? `policy file ${policyFile}` : 'no policy file';
  return `Countersign is running: ${team} by ${way}, task queue ${taskQueue}, ${policy}`;
}
