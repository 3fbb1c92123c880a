import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/environment.js';
import { hasBot, hasWorker } from '../config/role.js';
import { claimFile } from '../ledger/database/claim-file.js';
import { openLedger } from '../ledger/index.js';
import type { Logger } from '../platform/log.js';
import type { Workers } from '../temporal/worker/worker.js';
import { createToolSchemas } from '../tools/schemas.js';
import { startBot } from './bot.js';
import { checkWorker } from './checks.js';
import { followSecrets } from './follow-secrets.js';
import { type Health, startHealth } from './health.js';
import { createLeader } from './leader.js';
import { secretUses } from './secret-uses.js';
import { connectShared } from './shared.js';
import { createStops, type Stops } from './stops.js';
import { ledgerCounter, startTelemetry } from './telemetry.js';
import { startTooling, watchTooling } from './tooling.js';
import { startWorker } from './worker.js';

export interface Service {
  /** One line: the running parts and their addresses. */
  summary: string;
  /** Stops in order: calls in flight, which end or go back to Temporal; then Slack's events; then posts; then the connections. */
  stop(): Promise<void>;
  /** Rejects when a part fails in a way that only a restart or a person can fix. */
  failed: Promise<never>;
}

/** Longest time for which an unready bot still takes requests by HTTP, in milliseconds: a load balancer sends some until it has probed. */
const UNREADY_MS = 5_000;

/** Assembles the parts of the role and starts them. @throws ConfigError that names the variable when a part can't be reached or refuses its token. */
export async function startService(config: Config, log: Logger): Promise<Service> {
  const expected = [
    ...(hasBot(config.role) ? ['slack'] : []),
    ...(hasWorker(config.role) ? ['temporalWorker'] : []),
  ];
  const health = await startHealth(config.healthPort, { role: config.role, expected });
  const stops = createStops(log);
  stops.add(health.close);
  try {
    stops.add(await startTelemetry(config, log));
    return await startParts(config, log, stops, health);
  } catch (error) {
    await stops.run();
    throw error;
  }
}

async function startParts(config: Config, log: Logger, stops: Stops, health: Health): Promise<Service> {
  const { role, databaseUrl } = config;
  for (const warning of config.warnings) log.warn(warning);
  stops.add(await claimFile(databaseUrl));
  const ledger = await openLedger(databaseUrl, {
    ...ledgerCounter(config.mcp),
    keysTaken: (entries) => log.error({ entries }, KEYS_TAKEN),
  });
  stops.add(ledger.close);
  health.watch('database', { isRequired: false, look: () => ledger.ping().then(() => UP) });
  const tooling = hasWorker(role) ? await startTooling(config, ledger, log, stops) : undefined;
  if (tooling) watchTooling(tooling, health);
  const [shared] = await Promise.all([connectShared(config, ledger, log, stops), tooling?.check()]);
  const { temporal, identity } = shared;
  health.watch('temporal', { isRequired: false, look: () => temporal.ping().then(() => UP) });
  const schemas = createToolSchemas(ledger, log);

  const failing: Promise<unknown>[] = [];
  let drainCalls: Workers['drainCalls'] | undefined;
  if (tooling) {
    const worker = await startWorker(shared, tooling, schemas, stops);
    health.watch('temporalWorker', { isRequired: true, look: () => (worker.isPolling() ? UP : NOT_POLLING) });
    failing.push(worker.ended);
    drainCalls = worker.drainCalls;
    checkWorker(shared, tooling.toolbox);
  }
  if (hasBot(role)) {
    const { homeOpened, channelChanged, ...leader } = createLeader(shared, stops);
    const toolProblems = () => [
      ...(tooling?.toolbox.problems() ?? []),
      ...(tooling?.toolbox.leftOut() ?? []),
    ];
    const bot = await startBot(shared, { tools: schemas, toolProblems, homeOpened, channelChanged }, stops);
    health.watch('slack', { isRequired: true, look: () => (bot.isConnected() ? UP : NOT_CONNECTED) });
    failing.push(bot.failed);
    health.leadsBy(leader.start().isLeading);
  }
  const uses = secretUses({ config, identity, temporal, ledger });
  stops.add(followSecrets({ files: config.secretFiles, uses, log }));
  // Slack is answered while calls end.
  if (drainCalls) stops.add(drainCalls);
  health.ready();
  const failed = Promise.race(failing).then(() => new Promise<never>(() => {}));
  failed.catch(() => 'whoever started the service hears of it');
  return {
    summary: summaryOf(config, identity.team),
    failed,
    async stop() {
      const isSeen = health.stopping();
      if (isSeen && config.slack.mode?.kind === 'http')
        await delay(Math.min(UNREADY_MS, config.shutdownGraceMs / 10));
      await stops.run();
    },
  };
}

const UP = { status: 'up' } as const;
const NOT_POLLING = { status: 'down', reason: 'it does not poll its task queues' } as const;
const NOT_CONNECTED = { status: 'down', reason: 'Slack has no connection to this process' } as const;

const KEYS_TAKEN =
  'Another writer has used keys of this service in the ledger. The entries of the service were stored under other keys. "countersign ledger verify" names them';

function summaryOf({ role, slack, taskQueue, policyFile }: Config, team: string): string {
  const { mode } = slack;
  const way = mode?.kind === 'http' ? `HTTP on port ${mode.port}, path /slack/events` : 'Socket Mode';
  const place = mode ? `${team} by ${way}` : team;
  const policy = policyFile ? `policy file ${policyFile}` : 'no policy file';
  const as = role === 'all' ? '' : ` as a ${role}`;
  return `Countersign is running${as}: ${place}, task queue ${taskQueue}, ${policy}`;
}
