import type { Client } from '@temporalio/client';
import type { Logger } from '../platform/log.js';
import { findRuleProblems } from '../run/execution/rules.js';
import { describePolicy } from '../slack/permissions/describe-policy.js';
import { findPolicyProblems } from '../slack/permissions/policy-problems.js';
import type { Others } from '../temporal/runs.js';
import { createVersions, type Versioning } from '../temporal/versions.js';
import type { Toolbox } from '../tools/index.js';
import { cardChannel } from '../use-cases/admit-run.js';
import type { Shared } from './shared.js';

/** Checks the policy's groups and channels in Slack, and says which policy holds where. */
export function checkPolicy({ config, approvalChannel, log }: Shared): void {
  const { slack, policy } = config;
  checkLater(log, [
    async () => {
      for (const problem of await findPolicyProblems(slack, policy)) log.warn(problem);
    },
    async () => log.info(`Approvals: ${await describePolicy(slack, policy, approvalChannel)}`),
  ]);
}

/** Updates the schedules to the policy file, so that their next runs use it, and says what belongs to others. */
export function checkSchedules(shared: Shared): void {
  const { config, log, runs } = shared;
  checkLater(log, [
    async () => warnOfOthers(await refreshSchedules(shared), await runs.countOthers(), config.taskQueue, log),
  ]);
}

/** Checks what concerns a worker alone: its tools, and its version. */
export function checkWorker({ config, log, temporal }: Shared, toolbox: Toolbox): void {
  const { policy, versioning } = config;
  checkLater(log, [
    async () => {
      const search = await toolbox.search();
      if (search) log.info(search);
    },
    async () => {
      const away = toolbox.problems().map(({ server }) => server);
      const problems = findRuleProblems(policy.tools ?? [], await toolbox.list(), away);
      for (const problem of problems) log.warn(`POLICY_FILE: ${problem}`);
    },
    async () => versioning && (await warnUnlessCurrent(temporal.client, versioning, log)),
  ]);
}

/** Runs checks whose failure doesn't end the start. */
function checkLater(log: Logger, checks: (() => Promise<unknown>)[]): void {
  for (const check of checks) {
    check().catch((err: unknown) => log.warn({ err }, 'A check after the start failed'));
  }
}

async function refreshSchedules({ schedules, useCases, log }: Shared): Promise<Others> {
  const { changed, failed, others } = await schedules.refresh((origin) => {
    const channel = cardChannel(useCases, origin);
    return { channel, policy: useCases.policyFor(channel) };
  });
  if (changed.length > 0) log.info({ schedules: changed }, 'Schedules were updated to the current policy');
  for (const { id, error } of failed) log.warn({ schedule: id, err: error }, SCHEDULE_NOT_REFRESHED);
  return others;
}

const SCHEDULE_NOT_REFRESHED =
  'A schedule could not be updated: its runs keep the old policy until the next start';

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

/** Warns when this worker's version isn't the current one, and so gets no new runs. */
async function warnUnlessCurrent(client: Client, { deploymentName, buildId }: Versioning, log: Logger) {
  const current = await createVersions(client, deploymentName).current();
  if (current === buildId) return;
  log.warn(
    `New runs go to ${current ? `build ${current}` : 'no build'} of ${deploymentName}. To send them to this one: countersign versions current ${buildId}`,
  );
}
