import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { actionsOf, type Bill } from './actions.js';
import { type Subject, startSubjects } from './subjects.js';
import { billsOfToolCalls } from './tool-calls.js';

/**
 * Compares the product with a bare skeleton of the seed on the same Temporal server, in alternating runs. Machines vary, so only the
 * ratios count.
 *
 * Usage: `npm run bench`; `-- --rounds 200 --waiting 500`; `-- --only latency,throughput`.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string' }, waiting: { type: 'string' }, only: { type: 'string' } },
});
const parts = (values.only ?? 'latency,burst,throughput,memory,calls').split(',');
const ROUNDS = Number(values.rounds ?? 100);
const WAITING = Number(values.waiting ?? 2_000);
const BURST = 100;
const AT_ONCE = 300;
const WARM_UP = 15;
/** Time between a card and its click, in milliseconds. No person is quicker. */
const HESITATION_MS = 150;
/** Commands that are given at once where their own time isn't measured. */
const BATCH = 10;
/** Allowed ratios of the product to the skeleton. */
const CARD = { most: 1 };
const RESULT = { most: 1.5 };
const ACK = { most: 1.4 };
const RUNS_A_SECOND = { least: 0.5 };

interface Row {
  measure: string;
  product: number;
  skeleton: number;
  ratio: number;
  target: string;
}
const rows: Row[] = [];

function add(
  measure: string,
  product: number,
  skeleton: number,
  target?: { most?: number; least?: number },
): void {
  const ratio = product / skeleton;
  const met = ratio <= (target?.most ?? Number.POSITIVE_INFINITY) && ratio >= (target?.least ?? 0);
  const wish = target?.most !== undefined ? `at most ${target.most}` : `at least ${target?.least}`;
  rows.push({
    measure,
    product: round(product),
    skeleton: round(skeleton),
    ratio: round(ratio),
    target: target ? `${wish}: ${met ? 'met' : 'MISSED'}` : '',
  });
}

const round = (value: number) => Math.round(value * 100) / 100;
const rank = (all: number[], share: number) =>
  all.toSorted((one, other) => one - other)[Math.min(all.length - 1, Math.floor(all.length * share))] ??
  Number.NaN;

/** Time at which Slack received a message, in milliseconds since the epoch. */
const at = ({ ts }: { ts: string }) => Number(ts) * 1000;

let series = 0;
const goals = (count: number) => {
  series += 1;
  return Array.from({ length: count }, (_, index) => `bench ${series}-${index}`);
};

async function approve(subject: Subject, card: Awaited<ReturnType<Subject['card']>>): Promise<void> {
  const { workspace } = subject;
  const done = await workspace.as(workspace.people.ana).click(card, 'Approve');
  if (!done.ok) throw new Error(`${subject.name}: the click was not taken: ${done.error}`);
}

/** Gives goals in batches, and waits for their cards. */
async function cardsOf(subject: Subject, all: string[]) {
  for (let from = 0; from < all.length; from += BATCH) {
    await Promise.all(all.slice(from, from + BATCH).map((goal) => subject.command(goal)));
  }
  return await Promise.all(all.map((goal) => subject.card(goal)));
}

/** Measures the time to the card, and from the click to the result. The subjects take turns, one run at a time. */
async function latencies(subjects: Subject[], rounds: number) {
  const times = subjects.map(() => ({ card: [] as number[], result: [] as number[] }));
  for (const goal of goals(rounds)) {
    for (const [index, subject] of subjects.entries()) {
      const given = Date.now();
      await subject.command(goal);
      const card = await subject.card(goal);
      times[index]?.card.push(at(card) - given);
      await delay(HESITATION_MS);
      const clicked = Date.now();
      await approve(subject, card);
      times[index]?.result.push(at(await subject.result(card)) - clicked);
      // The pause keeps this run's last updates out of the next measurement.
      await delay(30);
    }
  }
  return times;
}

/** Measures the acknowledgements of a burst of commands, in milliseconds. */
async function burst(subject: Subject): Promise<number[]> {
  const all = goals(BURST);
  const acks = await Promise.all(all.map((goal) => subject.command(goal)));
  await Promise.all(all.map((goal) => subject.card(goal)));
  return acks;
}

/** Measures runs a second, from the first click to the last result. */
async function throughput(subject: Subject): Promise<number> {
  const all = goals(AT_ONCE);
  const cards = await cardsOf(subject, all);
  await delay(2_000);
  const began = Date.now();
  await Promise.all(cards.map((card) => approve(subject, card)));
  const results = await Promise.all(cards.map((card) => subject.result(card)));
  return AT_ONCE / ((Math.max(...results.map(at)) - began) / 1000);
}

async function wait(subject: Subject): Promise<number> {
  const all = goals(WAITING);
  await cardsOf(subject, all);
  await delay(2_000);
  return subject.memoryMb();
}

const { scene, product, skeleton } = await startSubjects();
const both = [product, skeleton];
const say = (line: string) => console.log(line);

await latencies(both, WARM_UP);
if (parts.includes('latency')) {
  say(`${ROUNDS} runs each, in turns…`);
  const [own, bare] = await latencies(both, ROUNDS);
  if (!own || !bare) throw new Error('Nothing was measured');
  add('command → card, p50 (ms)', rank(own.card, 0.5), rank(bare.card, 0.5), CARD);
  add('command → card, p99 (ms)', rank(own.card, 0.99), rank(bare.card, 0.99));
  add('click → result, p50 (ms)', rank(own.result, 0.5), rank(bare.result, 0.5), RESULT);
  add('click → result, p99 (ms)', rank(own.result, 0.99), rank(bare.result, 0.99));
}

const { client, close } = await scene.connect();
const plain = await actionsOf(client);
add('events a run', plain.product.events, plain.skeleton.events);
add('billable actions a run', plain.product.actions, plain.skeleton.actions);

if (parts.includes('burst')) {
  say(`${BURST} commands at once…`);
  const [ownAcks, bareAcks] = [await burst(product), await burst(skeleton)];
  add('slowest ack of the burst (ms)', Math.max(...ownAcks), Math.max(...bareAcks), ACK);
}

if (parts.includes('throughput')) {
  say(`${AT_ONCE} waiting runs, approved at once…`);
  const perSecond = { own: [] as number[], bare: [] as number[] };
  for (let turn = 0; turn < 2; turn += 1) {
    perSecond.own.push(await throughput(product));
    perSecond.bare.push(await throughput(skeleton));
  }
  add('runs a second', Math.max(...perSecond.own), Math.max(...perSecond.bare), RUNS_A_SECOND);
}

if (parts.includes('memory')) {
  say(`${WAITING} waiting runs…`);
  add(`memory with ${WAITING} waiting (MB)`, await wait(product), await wait(skeleton));
}
await close();
console.table(rows);
sayBill('A plain approved run', plain.product);
say('  and a heartbeat for each 1.5 s that a call to the model lasts.');
await skeleton.stop();
await product.stop();
if (parts.includes('calls')) {
  const { allowed, asked } = await billsOfToolCalls();
  sayBill('A run with a call that is allowed', allowed);
  sayBill('A run with another call, which a person approves,', asked);
}
process.exit(0);

function sayBill(what: string, { actions, kinds }: Bill): void {
  const parts = Object.entries(kinds).map(([kind, times]) => `${times} ${kind}`);
  say(`${what} bills ${actions} actions: ${parts.join(', ')}.`);
}
