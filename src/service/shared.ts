import type { Config } from '../config/environment.js';
import { isPostgres } from '../ledger/database/database.js';
import type { Ledger } from '../ledger/index.js';
import type { Logger } from '../platform/log.js';
import { describeProxy } from '../platform/proxy.js';
import { createAgentSessions, withSessions } from '../slack/client/agent-sessions.js';
import { createMessenger } from '../slack/client/messenger.js';
import { createWebClient } from '../slack/client/web/web.js';
import { checkApprovalChannel } from '../slack/permissions/describe-policy.js';
import { createDirectory } from '../slack/permissions/directory.js';
import { identify, resolveChannel } from '../slack/permissions/identity.js';
import { connectTemporal } from '../temporal/connection.js';
import { createRuns } from '../temporal/runs.js';
import { createSchedules } from '../temporal/schedules/schedules.js';
import { policyOfNow } from '../use-cases/admit-run.js';
import type { UseCasePorts } from '../use-cases/ports.js';
import { createRefusals } from '../use-cases/record-refusals.js';
import { takeDatabase } from './lease.js';
import type { Stops } from './stops.js';

/** Parts that every role has. */
export type Shared = Awaited<ReturnType<typeof connectShared>>;

/**
 * Connects to Slack's Web API and to Temporal.
 *
 * @throws ConfigError that names the variable when one can't be reached or refuses its token, and when another app uses the ledger.
 */
export async function connectShared(config: Config, ledger: Ledger, log: Logger, stops: Stops) {
  const { slack, taskQueue, payloads } = config;
  const [identity, approvalChannel] = await Promise.all([
    identify(slack),
    config.approvalChannel === undefined ? undefined : resolveChannel(slack, config.approvalChannel),
  ]);
  if (approvalChannel !== undefined) {
    checkApprovalChannel(config.policy, approvalChannel, config.approvalChannel ?? approvalChannel);
  }
  // A file has one process at a time, which needs no wait after another app's.
  if (isPostgres(config.databaseUrl)) await takeDatabase(ledger, identity.app);
  const refusals = createRefusals(ledger);
  stops.add(refusals.written);
  const temporal = await connectTemporal({ store: ledger, ...payloads });
  stops.add(temporal.close);
  warnOfProxy(temporal.proxyProblem, log);
  const searchAttributes = (await temporal.missingSearchAttributes()).length === 0;

  const web = createWebClient(slack.botToken, slack.apiUrl ? { slackApiUrl: slack.apiUrl } : {});
  const directory = createDirectory(web);
  const sessions = createAgentSessions(web, log);
  const messenger = withSessions(createMessenger(web, directory), sessions);
  const { app, home } = identity;
  const own = { app, searchAttributes, strictClient: temporal.strictClient };
  const runs = createRuns(temporal.client, taskQueue, own);
  const schedules = createSchedules(temporal.client, taskQueue, own);
  const place = { policies: config.policy, ...(approvalChannel !== undefined && { approvalChannel }) };
  const policyFor = (channel: string) => ({ ...policyOfNow(place, channel), ...home });
  const useCases: UseCasePorts = {
    ...{ runs, schedules, directory, ledger, refusals, home, log },
    ...place,
    policyFor,
  };
  return {
    ...{ config, log, ledger, identity, approvalChannel, temporal, web, directory, sessions, messenger },
    ...{ runs, schedules, policyFor, useCases },
  };
}

/** Says which proxy is used, and what can't use it. */
function warnOfProxy(problem: string | undefined, log: Logger): void {
  const proxy = describeProxy(process.env);
  if (!proxy) return;
  log.info(`Slack, Claude, MCP${problem ? '' : ', Temporal'} go through the proxy: ${proxy.summary}`);
  for (const limit of problem ? [problem, ...proxy.limits] : proxy.limits) log.warn(limit);
}
