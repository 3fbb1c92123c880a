import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openScene } from '../../test/support/scene.js';
import { makeTrouble } from './faults.js';
import { listRuns, violations } from './invariants.js';
import { decide, giveGoals } from './people.js';
import { createRandom } from './random.js';

/**
 * Many runs under random faults, against a real Temporal server, the local workspace and the simulated model; then the
 * invariants, run by run. `npm run chaos -- --runs 50 --seed 7`. The seed repeats what is done and what goes wrong; the
 * machine's own timing it can't repeat.
 */
const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, verbose: { type: 'boolean' } },
});
const count = Number(values.runs ?? 30);
const seed = Number(values.seed ?? Date.now() % 100_000);
/** What is still open this long after the last fault is stuck, in milliseconds. */
const SETTLE_MS = 120_000;

const scene = await openScene({ latencyMs: 100, ...(values.verbose && { say: console.log }) });
const calm = new AbortController();
const done = new AbortController();
console.log(`${count} runs, seed ${seed}`);
const trouble = makeTrouble(scene, createRandom(seed), calm.signal);
const deciding = decide(scene, createRandom(seed + 1), done.signal);
await giveGoals(scene, createRandom(seed + 2), count);
await delay(5_000);
calm.abort();
const struck = await trouble;

const { client, close } = await scene.connect();
const deadline = Date.now() + SETTLE_MS;
for (;;) {
  const runs = await listRuns(client);
  const open = runs.filter(({ status }) => status === 'RUNNING' || status === 'FAILED');
  if ((runs.length >= count && open.length === 0) || Date.now() > deadline) break;
  await delay(500);
}
done.abort();
await deciding;
await delay(1_000);
const broken = await violations(scene, client, count);
const runs = await listRuns(client);
await close();
await scene.close();

console.table(struck);
console.log(`${runs.length} runs, ${broken.length} violations`);
for (const line of broken) console.error(`  ${line}`);
if (broken.length > 0) console.error(`Again: npm run chaos -- --runs ${count} --seed ${seed} --verbose`);
process.exit(broken.length > 0 ? 1 : 0);
