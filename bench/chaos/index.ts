import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PEOPLE } from '../../sandbox/workspace/seed.js';
import { openScene } from '../../test/support/product/scene.js';
import { createAcks } from './acks.js';
import { makeTrouble } from './faults.js';
import { cardsOver, giveGoals } from './goals.js';
import { readRuns } from './histories.js';
import { violations } from './invariants/index.js';
import { decide } from './people.js';
import { createRandom } from './random.js';
import { readRecords } from './records.js';

/**
 * Starts many runs under random faults, then checks each run's invariants. The Temporal server is real; Slack, the model and the to-do
 * list's MCP server are the sandbox's.
 *
 * Usage: `npm run chaos -- --runs 50 --seed 7`. The seed repeats goals, clicks and faults, but not the machine's timing. `--postgres`: the ledger is
 * in PostgreSQL. `--replicas 3`: three bots and three workers on PostgreSQL, one of which ends every ten seconds.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    replicas: { type: 'string' },
    postgres: { type: 'boolean' },
    verbose: { type: 'boolean' },
  },
});
const count = whole('runs', values.runs ?? '30');
const seed = whole('seed', values.seed ?? String(Date.now() % 100_000));
const replicas = whole('replicas', values.replicas ?? '0');
/** Faults go on until this share of the runs is over, so that executions are hit too; at most `TROUBLE_MS` after the last goal. */
const STRUCK_SHARE = 0.7;
const TROUBLE_MS = 60_000;
/** A run that is still open this long after the last fault is stuck, in milliseconds. While the model is away, a run pauses for over two minutes. */
const SETTLE_MS = 300_000;
/** One person decides, whoever asks. A small budget makes some executions ask that person for more turns. */
const POLICY = `default: { approvers: [${PEOPLE.ana}], notify: false, budget: { turns: 3 } }\n`;
/** Interval of the progress lines, in milliseconds. */
const PROGRESS_MS = 30_000;
/** Pauses of this process, in which Slack's stand-in answers, count for this long, in milliseconds. */
const PAUSES_SINCE_MS = 10_000;
/** Temporal suggests a new execution at this many events, so some runs continue as new. */
const LONG = 'limit.historyCount.suggestContinueAsNew=120';

function whole(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  console.error(`--${name}: "${text}" is no whole number.`);
  process.exit(2);
}

const pauses = monitorEventLoopDelay();
pauses.enable();
setInterval(() => pauses.reset(), PAUSES_SINCE_MS).unref();
const acks = createAcks({
  uptimes: () => scene.services.map(({ uptimeMs }) => uptimeMs()),
  longestPause: () => pauses.max / 1e6,
});
const say = (line: string) => {
  acks.read(line);
  if (values.verbose) console.log(line);
};
const roles = (['bot', 'worker'] as const).flatMap((role) => Array.from({ length: replicas }, () => role));
const scene = await openScene({
  latencyMs: 100,
  todos: { delayMs: 800 },
  policy: POLICY,
  dynamicConfig: [LONG],
  built: true,
  ...(roles.length > 0 && { roles }),
  postgres: values.postgres === true || roles.length > 0,
  workspace: { onDelivered: acks.add },
  env: { LOG_LEVEL: 'warn' },
  say,
});
const calm = new AbortController();
const done = new AbortController();
const shape = roles.length > 0 ? `${replicas} bots, ${replicas} workers` : 'one process';
console.log(`${count} runs, ${shape}, seed ${seed}`);
const began = Date.now();
const progress = setInterval(sayProgress, PROGRESS_MS);
const trouble = makeTrouble(scene, createRandom(seed), calm.signal);
const deciding = decide(scene, createRandom(seed + 1), done.signal);
const unheard = await giveGoals(scene, createRandom(seed + 2), count);
for (const until = Date.now() + TROUBLE_MS; Date.now() < until && cardsOver(scene) < count * STRUCK_SHARE; )
  await delay(500);
calm.abort();
const struck = await trouble;

const { client, close } = await scene.connect();
const deadline = Date.now() + SETTLE_MS;
for (;;) {
  const all = await readStatuses();
  const unfinished = [...all.values()].filter((status) => status === 'RUNNING' || status === 'FAILED');
  if ((all.size >= count && unfinished.length === 0) || Date.now() > deadline) break;
  await delay(500);
}
done.abort();
clearInterval(progress);
const acknowledged = await deciding;
await delay(1_000);
const runs = await readRuns(client);
const { entries: records, flaws } = await readRecords(scene.ledgerUrl, client);
const broken = [
  ...violations(scene, { runs, records, acknowledged, goals: count }),
  ...flaws,
  ...acks.late(),
  ...unheard.map(({ goal }) => ({ run: '-', what: `nothing came of a mention: ${goal}` })),
];

console.table(struck);
const faults = Object.values(struck).reduce((sum, times) => sum + times, 0);
const seconds = Math.round((Date.now() - began) / 1000);
console.table(howOften());
console.log(acks.summary());
console.log(
  `${runs.size} runs, ${acknowledged.length} acknowledged decisions, ${faults} faults, ${seconds} s, seed ${seed}: ${broken.length} violations`,
);
if (broken.length > 0) {
  for (const { run, what } of broken) console.error(`  ${run}: ${what}`);
  console.error(`What happened: ${keep()}`);
  const more = roles.length > 0 ? ` --replicas ${replicas}` : values.postgres ? ' --postgres' : '';
  console.error(`Again: npm run chaos -- --runs ${count} --seed ${seed}${more} --verbose`);
}
await close();
await scene.close();
process.exit(broken.length > 0 ? 1 : 0);

function sayProgress(): void {
  const { workspace } = scene;
  const messages = workspace.messages(workspace.channels.general).filter(({ threadTs }) => !threadTs);
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(
    `${seconds} s: ${messages.length} messages in the channel, ${cardsOver(scene)} of ${count} runs over`,
  );
}

/** The status of each run's latest execution. */
async function readStatuses(): Promise<Map<string, string>> {
  const statuses = new Map<string, string>();
  for await (const { workflowId, status } of client.workflow.list()) {
    // The list is newest first.
    if (!statuses.has(workflowId)) statuses.set(workflowId, status.name);
  }
  return statuses;
}

/** Counts the rare situations that the runs met. */
function howOften(): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  for (const { kind } of acknowledged) count(`${kind} by a person`);
  for (const { kind, data } of [...records.values()].flat()) {
    if (kind === 'tool-called') count(`tool call ${data.outcome}`);
    if (kind === 'requested') for (const { subject } of data.items) count(`request: ${subject.kind}`);
    if (kind === 'ended') count(`run ${data.state}`);
    if (kind === 'continued') count('run continued as new');
  }
  return counts;
}

/** Saves what Temporal, Slack and the ledger hold of the runs with violations. Returns the folder. */
function keep(): string {
  const folder = join('data', 'chaos', String(seed));
  mkdirSync(folder, { recursive: true });
  const messages = scene.workspace.messages(scene.workspace.channels.general);
  for (const run of new Set(broken.map((violation) => violation.run))) {
    const own = messages.filter((message) => JSON.stringify(message).includes(run));
    const clicks = acknowledged.filter((click) => click.run === run);
    const story = {
      run,
      executions: runs.get(run),
      records: records.get(run),
      clicks,
      messages: own,
      todos: scene.todos(),
    };
    writeFileSync(join(folder, `${run}.json`), JSON.stringify(story, undefined, 2));
  }
  if (unheard.length > 0) writeFileSync(join(folder, 'mentions.json'), JSON.stringify(unheard, undefined, 2));
  return folder;
}
