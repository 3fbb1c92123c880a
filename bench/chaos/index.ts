import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openScene } from '../../test/support/product/scene.js';
import { buttonsOf } from '../../test/support/slack/people.js';
import { makeTrouble } from './faults.js';
import { giveGoals } from './goals.js';
import { readRuns } from './histories.js';
import { violations } from './invariants/index.js';
import { decide } from './people.js';
import { createRandom } from './random.js';
import { readRecords } from './records.js';

/**
 * Many runs under random faults, with and without tools, against a real Temporal server, the local workspace, the simulated model and
 * the to-do list's MCP server; then the invariants, run by run. `npm run chaos -- --runs 50 --seed 7`. The seed repeats what is done
 * and what goes wrong; the machine's own timing it can't repeat.
 */
const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, verbose: { type: 'boolean' } },
});
const count = whole('runs', values.runs ?? '30');
const seed = whole('seed', values.seed ?? String(Date.now() % 100_000));
/** Trouble goes on until so many of the runs are over, so that it strikes executions, too; no longer than this after the last goal. */
const STRUCK_SHARE = 0.7;
const TROUBLE_MS = 60_000;
/** What is still open this long after the last fault is stuck, in milliseconds. */
const SETTLE_MS = 180_000;
/** Some executions run out of turns, and people are asked for more. */
const POLICY = 'default: { budget: { turns: 3 } }\n';
/** Some go on as a new run of their workflow: Temporal suggests it at so many events. */
const LONG = 'limit.historyCount.suggestContinueAsNew=120';

function whole(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  console.error(`--${name}: "${text}" is no whole number.`);
  process.exit(2);
}

const scene = await openScene({
  latencyMs: 100,
  todos: { delayMs: 800 },
  policy: POLICY,
  dynamicConfig: [LONG],
  built: true,
  ...(values.verbose && { say: console.log }),
});
const calm = new AbortController();
const done = new AbortController();
console.log(`${count} runs, seed ${seed}`);
const began = Date.now();
const trouble = makeTrouble(scene, createRandom(seed), calm.signal);
const deciding = decide(scene, createRandom(seed + 1), done.signal);
const unheard = await giveGoals(scene, createRandom(seed + 2), count);
for (const until = Date.now() + TROUBLE_MS; Date.now() < until && cardsOver() < count * STRUCK_SHARE; )
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
const acknowledged = await deciding;
await delay(1_000);
const runs = await readRuns(client);
const { entries: records, flaws } = await readRecords(scene.ledgerUrl, client);
const broken = [
  ...violations(scene, { runs, records, acknowledged, goals: count }),
  ...flaws,
  ...unheard.map(({ goal }) => ({ run: '-', what: `nothing came of a mention: ${goal}` })),
];

console.table(struck);
const faults = Object.values(struck).reduce((sum, times) => sum + times, 0);
const seconds = Math.round((Date.now() - began) / 1000);
console.table(howOften());
console.log(
  `${runs.size} runs, ${acknowledged.length} acknowledged decisions, ${faults} faults, ${seconds} s, seed ${seed}: ${broken.length} violations`,
);
if (broken.length > 0) {
  for (const { run, what } of broken) console.error(`  ${run}: ${what}`);
  console.error(`What happened: ${keep()}`);
  console.error(`Again: npm run chaos -- --runs ${count} --seed ${seed} --verbose`);
}
await close();
await scene.close();
process.exit(broken.length > 0 ? 1 : 0);

/** How many cards say that their run is over. */
function cardsOver(): number {
  const { workspace } = scene;
  return workspace.messages(workspace.channels.general).filter((card) => buttonsOf(card).includes('Details'))
    .length;
}

/** The status of each run's latest execution. */
async function readStatuses(): Promise<Map<string, string>> {
  const statuses = new Map<string, string>();
  for await (const { workflowId, status } of client.workflow.list()) {
    // Listed newest first.
    if (!statuses.has(workflowId)) statuses.set(workflowId, status.name);
  }
  return statuses;
}

/** How often what was to be tried has come to pass. */
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

/** Writes what Temporal, Slack and the ledger knew of the runs whose promises were broken. */
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
