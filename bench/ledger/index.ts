import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openDatabase } from '../../src/ledger/database/database.js';
import { type Ledger, openLedger } from '../../src/ledger/index.js';
import { viewUpkeep } from '../../src/ledger/views/upkeep.js';
import { checkpoint, type RunEvent } from '../../src/run/event.js';
import { postgresPath, startPostgres } from '../../test/support/ledger/postgres.js';
import { channelId, fill, groupsOf, PEOPLE, personId, shortId, threadTs } from './fill.js';
import { measureMemory } from './memory.js';
import { plansOf } from './plans.js';
import { createRounds } from './rounds.js';

/**
 * Measures each query of the service on a ledger with a year of runs, on SQLite and PostgreSQL, several times with different arguments. App Home,
 * `/agent list` and the reconciler are measured whole, too.
 *
 * Usage: `npm run bench:ledger`; `-- --runs 10000 --times 20`.
 */
const { values } = parseArgs({ options: { runs: { type: 'string' }, times: { type: 'string' } } });
const RUNS = Number(values.runs ?? 100_000);
const TIMES = Number(values.times ?? 50);
/** Longest allowed time of a query, in milliseconds. Appends have no limit: nobody waits for one, and the disk takes most of the time. */
const TARGET_MS = 10;
/** Longest allowed time of App Home, of a list and of a reconciler's round, in milliseconds. */
const WHOLE_TARGET_MS = 50;
/** How often all three are done while the memory is measured. */
const MEMORY_ROUNDS = 200;
const YEAR_AGO = new Date(Date.now() - 90 * 86_400_000).toISOString();

const namesFor = (turn: number) => [personId(turn), `T1/${personId(turn)}`, ...groupsOf(turn)];
const executed: RunEvent = { kind: 'executed', data: { text: 'It is done.' } };
const voted = (by: string): RunEvent => ({
  kind: 'lapsed',
  data: {
    ...{ request: 'request-1', item: 'plan' },
    decision: {
      ...{ kind: 'approve', request: 'request-1', revision: 1, items: [], note: '' },
      ...{ by: { user: by, team: 'T1' }, at: '2026-11-24T10:00:00.000Z' },
    },
  },
});

/** Queries of the service, named for their caller. `turn` varies the arguments. */
const QUERIES: [name: string, ask: (ledger: Ledger, turn: number) => Promise<unknown>][] = [
  ['unsettled runs: the reconciler, every 30 s', (ledger) => ledger.unsettled(YEAR_AGO)],
  ['groups with a say: App Home, each redraw', (ledger) => ledger.groups(YEAR_AGO)],
  [
    'runs of a person: App Home, /agent list',
    (ledger, turn) => ledger.runsFor(personId(turn * 31), namesFor(turn * 31)),
  ],
  ['people with App Home open', (ledger) => ledger.homesOpened(YEAR_AGO, 50)],
  ['view of a run: a late click, a follow-up', (ledger, turn) => ledger.view(shortId(spread(turn)))],
  ['events of a run: Details, a repair', (ledger, turn) => ledger.read(shortId(spread(turn)))],
  ['plans of a run: Edit plan', (ledger, turn) => ledger.read(shortId(spread(turn)), 'planned')],
  [
    'runs in a thread: a mention',
    (ledger, turn) => ledger.runsIn(channelId(spread(turn)), threadTs(spread(turn))),
  ],
];

/** Writes, including the 25 ms in which the ledger gathers them. */
const WRITES: typeof QUERIES = [
  [
    'append an event that people don’t see',
    (ledger, turn) =>
      ledger.append([checkpoint(executed, { shortId: shortId(spread(turn)), key: `bench/${turn}/1` })]),
  ],
  [
    'append an event that changes App Home',
    (ledger, turn) =>
      ledger.append([
        checkpoint(voted(personId(turn)), { shortId: shortId(spread(turn)), key: `bench/${turn}/2` }),
      ]),
  ],
];
const GATHER_MS = 25;

const spread = (turn: number) => (turn * 7919) % RUNS;

interface Figures {
  p50: number;
  max: number;
  /** Longest allowed median. */
  targetMs?: number;
}

async function measure(
  ask: (turn: number) => Promise<unknown>,
  { lessMs = 0, targetMs }: { lessMs?: number; targetMs?: number } = {},
): Promise<Figures> {
  const took: number[] = [];
  await ask(TIMES);
  for (let turn = 0; turn < TIMES; turn += 1) {
    const began = performance.now();
    await ask(turn);
    took.push(performance.now() - began - lessMs);
  }
  const sorted = took.toSorted((one, other) => one - other);
  return {
    p50: sorted[Math.floor(TIMES / 2)] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    ...(targetMs !== undefined && { targetMs }),
  };
}

/** Fills a database, measures it, and prints the view statements that scan whole tables. */
async function bench(url: string): Promise<Map<string, Figures>> {
  const figures = new Map<string, Figures>();
  await (await openLedger(url)).close();
  const database = await openDatabase(url);
  let began = performance.now();
  await fill((work) => database.transaction(work), RUNS);
  console.log(`  ${RUNS} runs inserted in ${seconds(began)}`);
  began = performance.now();
  await viewUpkeep(database).rebuildViews();
  console.log(`  views made from their events in ${seconds(began)}`);
  if (database.kind === 'postgres') await database.query('VACUUM ANALYZE');

  const ledger = await openLedger(url);
  for (let turn = 0; turn < PEOPLE; turn += 1) {
    if (turn % 10 === 0)
      await ledger.homeOpened({ user: personId(turn), team: 'T1' }, new Date().toISOString());
  }
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (const [name, ask] of QUERIES)
    figures.set(name, await measure((turn) => ask(ledger, turn), { targetMs: TARGET_MS }));
  delay.disable();
  const { whole, stop } = createRounds(ledger, RUNS);
  for (const [name, take] of whole) figures.set(name, await measure(take, { targetMs: WHOLE_TARGET_MS }));
  const { before, after } = await measureMemory(async () => {
    for (let turn = 0; turn < MEMORY_ROUNDS; turn += 1) for (const [, take] of whole) await take(turn);
  });
  await stop();
  console.log(
    `  memory before and after ${MEMORY_ROUNDS} times all of them: ${before.toFixed(1)} and ${after.toFixed(1)} MB`,
  );
  for (const [name, ask] of WRITES)
    figures.set(name, await measure((turn) => ask(ledger, turn), { lessMs: GATHER_MS }));
  console.log(`  longest that the event loop was held up: ${(delay.max / 1e6).toFixed(1)} ms`);
  const scans = await plansOf(database, YEAR_AGO, personId(1), namesFor(1));
  console.log(
    `  statements that go through a whole table: ${scans.length === 0 ? 'none' : scans.join('; ')}`,
  );
  await ledger.close();
  await database.close();
  return figures;
}

const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} s`;
const shown = (figures?: Figures) =>
  figures ? `${figures.p50.toFixed(2)} (${figures.max.toFixed(1)})` : '–';

const folder = mkdtempSync(join(tmpdir(), 'bench-ledger-'));
try {
  console.log('SQLite');
  const file = join(folder, 'ledger.db');
  const sqlite = await bench(`file:${file}`);
  console.log(`  ${Math.round(statSync(file).size / 1e6)} MB`);
  let postgres: Map<string, Figures> | undefined;
  if (postgresPath()) {
    console.log('PostgreSQL');
    const server = await startPostgres();
    postgres = await bench(server.url);
    await server.stop();
  } else console.log('PostgreSQL is not here: only SQLite was measured');
  const table = [...sqlite.keys()].map((name) => ({
    query: name,
    'SQLite: p50 (max), ms': shown(sqlite.get(name)),
    'PostgreSQL: p50 (max), ms': shown(postgres?.get(name)),
  }));
  console.table(table);
  const slow = [...sqlite, ...(postgres ?? [])]
    .filter(([, { p50, targetMs }]) => targetMs !== undefined && p50 > targetMs)
    .map(([name]) => name);
  console.log(
    slow.length === 0
      ? `All queries are under ${TARGET_MS} ms, and App Home, the list and a round under ${WHOLE_TARGET_MS} ms.`
      : `Over their target: ${slow.join(', ')}`,
  );
  process.exitCode = slow.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
