import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Message, startWorkspace, type Workspace } from '../sandbox/workspace/index.js';
import { openScene, type Scene } from '../test/support/product/scene.js';

/** A bot under measurement, in its own process, with its own workspace. */
export interface Subject {
  name: 'product' | 'skeleton';
  workspace: Workspace;
  /** Gives the goal. Resolves with the time to the acknowledgement, in milliseconds. */
  command(goal: string): Promise<number>;
  /** Waits for the card of a goal. */
  card(goal: string): Promise<Message>;
  /** Waits for the result under a card. */
  result(card: Message): Promise<Message>;
  /** Memory of the bot's process, in MB. */
  memoryMb(): number;
  stop(): Promise<void>;
}

const WAIT_MS = 180_000;
const LOOK_EVERY_MS = 10;

/** Somebody who waits for a message. */
interface Waiter {
  from: Map<string, Message>;
  key: string;
  what: string;
  until: number;
  resolve(message: Message): void;
  reject(error: Error): void;
}

function subject(
  name: Subject['name'],
  workspace: Workspace,
  pid: () => number,
  stop: () => Promise<void>,
): Subject {
  const { general } = workspace.channels;
  const ana = workspace.as(workspace.people.ana);
  const cards = new Map<string, Message>();
  const results = new Map<string, Message>();
  const waiting = new Set<Waiter>();
  let read = 0;
  // One look for all who wait, and each message is looked at once: the workspace holds thousands.
  const look = () => {
    const all = workspace.messages(general);
    for (; read < all.length; read += 1) {
      const message = all[read] as Message;
      if (message.onlyFor) continue;
      if (message.threadTs) results.set(message.threadTs, message);
      else {
        const goal = /bench \d+-\d+/i.exec(JSON.stringify(message.blocks))?.[0].toLowerCase();
        if (goal) cards.set(goal, message);
      }
    }
    for (const waiter of waiting) {
      const message = waiter.from.get(waiter.key);
      if (message) waiter.resolve(message);
      else if (Date.now() > waiter.until) waiter.reject(new Error(`Waited in vain for ${waiter.what}`));
      else continue;
      waiting.delete(waiter);
    }
    if (waiting.size > 0) setTimeout(look, LOOK_EVERY_MS);
  };
  const wait = (from: Map<string, Message>, key: string, what: string) =>
    new Promise<Message>((resolve, reject) => {
      if (waiting.size === 0) setTimeout(look, LOOK_EVERY_MS);
      waiting.add({ from, key, what, until: Date.now() + WAIT_MS, resolve, reject });
    });
  return {
    name,
    workspace,
    async command(goal) {
      const began = performance.now();
      const done = await ana.command(general, '/agent', goal);
      if (!done.ok) throw new Error(`${name}: the command was not taken: ${done.error}`);
      return performance.now() - began;
    },
    card: (goal) => wait(cards, goal, `${name}: the card of ${goal}`),
    result: (card) => wait(results, card.ts, `${name}: a result`),
    memoryMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid()}/status`, 'utf8'))?.[1]) / 1024,
    stop,
  };
}

/** Starts the product and the skeleton on one Temporal server, each with its own workspace. */
export async function startSubjects(): Promise<{ scene: Scene; product: Subject; skeleton: Subject }> {
  const scene = await openScene();
  const { workspace, model, service } = scene;
  const product = subject('product', workspace, service.pid, () => scene.close());
  const other = await startWorkspace({ rateLimits: false });
  const child = fork(fileURLToPath(new URL('skeleton/app.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: {
      PATH: process.env.PATH,
      SLACK_BOT_TOKEN: other.credentials.botToken,
      SLACK_APP_TOKEN: other.credentials.appToken,
      SLACK_API_URL: other.apiUrl,
      ANTHROPIC_API_KEY: model.apiKey,
      ANTHROPIC_BASE_URL: model.url,
      TEMPORAL_ADDRESS: scene.address(),
    },
  });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('The skeleton did not start');
    }),
  ]);
  const skeleton = subject(
    'skeleton',
    other,
    () => child.pid ?? 0,
    async () => {
      child.kill('SIGKILL');
      await other.close();
    },
  );
  return { scene, product, skeleton };
}
