import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openScene, type Role, type Scene } from '../../test/support/product/scene.js';
import { buttonsOf, startRun } from '../../test/support/slack/people.js';

/**
 * Counts the calls to Slack that the same work takes with one process of the service, and with several bots and workers. Nothing fails meanwhile.
 *
 * Usage: `npm run bench:replicas`; `-- --replicas 3 --runs 40`. Exits with 1 when the ratio is over the target.
 */
const { values } = parseArgs({ options: { replicas: { type: 'string' }, runs: { type: 'string' } } });
const REPLICAS = Number(values.replicas ?? 3);
const RUNS = Number(values.runs ?? 40);
/** Runs that wait for people until the end. The reconciler looks after their cards. */
const WAITING = 4;
/** Time in which calls are counted, in milliseconds: all runs end in it, and the reconciler makes two rounds or three. */
const WINDOW_MS = 90_000;
/** Calls with several processes, as a multiple of those with one. */
const MOST = 1.2;

type Calls = Map<string, number>;

/** Does the work. Returns the calls to Slack of the start and of the work, by method. */
async function measure(roles: Role[]): Promise<{ starting: Calls; working: Calls }> {
  const scene = await openScene({ roles, postgres: true, todos: { delayMs: 0 }, built: true });
  try {
    const readyAt = Date.now();
    await work(scene, readyAt + WINDOW_MS);
    const { requests } = scene.workspace;
    return {
      starting: countByMethod(requests.filter(({ at }) => at < readyAt)),
      working: countByMethod(requests.filter(({ at }) => at >= readyAt)),
    };
  } finally {
    await scene.close();
  }
}

/**
 * Runs of several people go to their end, some wait, and three people have App Home open.
 *
 * @throws Error when a run that should end is still open at `until`.
 */
async function work({ workspace }: Scene, until: number): Promise<void> {
  const { general } = workspace.channels;
  const people = Object.values(workspace.people);
  for (const person of people.slice(0, 3)) await workspace.as(person).openHome();
  const requesters = new Map<string, string>();
  for (let index = 0; index < RUNS + WAITING; index += 1) {
    const user = people[index % people.length] ?? '';
    const wanted = `add to the to-do list: "Item ${index}.1", "Item ${index}.2"`;
    const shortId = await startRun(workspace, user, general, wanted);
    if (index < RUNS) requesters.set(shortId, user);
  }
  const approved = new Set<string>();
  const isOver = (shortId: string) =>
    workspace
      .messages(general)
      .some((message) => /^Done/.test(message.text) && JSON.stringify(message.blocks).includes(shortId));
  while (Date.now() < until) {
    for (const message of workspace.messages(general)) {
      const shown = JSON.stringify(message.blocks ?? '');
      const [, user] = [...requesters].find(([shortId]) => shown.includes(shortId)) ?? [];
      if (user === undefined || message.onlyFor || approved.has(message.ts)) continue;
      const labels = buttonsOf(message);
      const approve = labels.find((label) => label.startsWith('Approve all')) ?? labels.find(isApprove);
      if (approve === undefined) continue;
      const { ok } = await workspace.as(user).click(message, approve);
      if (ok) approved.add(message.ts);
    }
    await delay(100);
  }
  const open = [...requesters.keys()].filter((shortId) => !isOver(shortId));
  if (open.length > 0)
    throw new Error(`${open.length} of ${RUNS} runs were not over in time: ${open.join(', ')}`);
}

const isApprove = (label: string) => label === 'Approve';

function countByMethod(calls: readonly { method: string }[]): Calls {
  const counts: Calls = new Map();
  for (const { method } of calls) counts.set(method, (counts.get(method) ?? 0) + 1);
  return counts;
}

const sum = (calls: Calls) => [...calls.values()].reduce((total, count) => total + count, 0);

/** A row for each method, those whose calls grow most first. */
function compare(one: Calls, several: Calls) {
  const methods = [...new Set([...one.keys(), ...several.keys()])];
  return methods
    .map((method) => ({ method, one: one.get(method) ?? 0, several: several.get(method) ?? 0 }))
    .toSorted((a, b) => b.several - b.one - (a.several - a.one));
}

const several: Role[] = [
  ...Array.from({ length: REPLICAS }, () => 'bot' as const),
  ...Array.from({ length: REPLICAS }, () => 'worker' as const),
];
console.log(`${RUNS} runs to their end and ${WAITING} that wait: one process…`);
const one = await measure(['all']);
console.log(`…and ${REPLICAS} bots with ${REPLICAS} workers`);
const all = await measure(several);
console.log('Calls of the start, which each process makes for itself');
console.table(compare(one.starting, all.starting));
console.log('Calls of the work');
console.table(compare(one.working, all.working));
const ratio = sum(all.working) / sum(one.working);
console.log(
  `${sum(one.working)} calls with one process, ${sum(all.working)} with several: ${ratio.toFixed(2)} (at most ${MOST}: ${ratio <= MOST ? 'met' : 'MISSED'})`,
);
process.exit(ratio <= MOST ? 0 : 1);
