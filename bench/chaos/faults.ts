import { setTimeout as delay } from 'node:timers/promises';
import type { Scene } from '../../test/support/product/scene.js';
import { createRandom, type Random } from './random.js';

/** What goes wrong, by name. False where it could not: there was nothing to strike. */
type Fault = (scene: Scene, random: Random) => unknown;
const FAULTS: Record<string, Fault> = {
  // Only one that is up: on a busy machine it would else be killed at each of its starts.
  'service killed': (scene) => killService(scene),
  'Temporal restarted': (scene) => scene.restartTemporal(),
  'Temporal away for a while': (scene, random) => scene.restartTemporal(random.between(1_000, 5_000)),
  'Slack: answer lost': ({ workspace }, random) =>
    workspace.faults.inject({
      kind: 'lose-answer',
      method: random.pick(['chat.postMessage', 'chat.update']),
    }),
  'Slack: request dropped': ({ workspace }, random) =>
    workspace.faults.inject({
      kind: 'drop',
      method: random.pick(['chat.postMessage', 'chat.update', 'conversations.history']),
    }),
  'Slack: slow': ({ workspace }) =>
    workspace.faults.inject({ kind: 'slow', method: 'chat.postMessage', delayMs: 1_500 }),
  'Slack: 429': ({ workspace }) =>
    workspace.faults.inject({ kind: 'ratelimited', method: '*', retryAfterS: 1 }),
  'Slack: 500': ({ workspace }) => workspace.faults.inject({ kind: 'error-500', method: '*' }),
  'Slack: reconnect': ({ workspace }) => workspace.reconnectSockets(),
  'model: 429': ({ model }) => model.faults.inject({ kind: 'error', status: 429, retryAfterS: 1 }),
  'model: 500': ({ model }) => model.faults.inject({ kind: 'error', status: 500 }),
  'model: 529': ({ model }) => model.faults.inject({ kind: 'error', status: 529 }),
  'model: stream cut': ({ model }) => model.faults.inject({ kind: 'cut-stream' }),
  // A search that hangs is given up after a minute, so one in three is enough.
  'model: hang': ({ model }, random) =>
    random.pick([true, false, false]) && model.faults.inject({ kind: 'hang', match: 'search' }),
  'model: connection reset': ({ model }) => model.faults.inject({ kind: 'reset' }),
  // For good: the run fails in the middle of its execution, and people try it again.
  'model: refuses a turn': ({ model }) => model.faults.inject({ kind: 'error', status: 400, match: 'turn' }),
  'MCP server killed': ({ todoServers }) => strike(todoServers(), 'SIGKILL'),
  'MCP server hangs': ({ todoServers }, random) => {
    const pids = todoServers();
    strike(pids, 'SIGSTOP');
    setTimeout(() => strike(pids, 'SIGCONT'), random.between(200, 2_000));
  },
};

/** Aimed at tool calls, beside the others: what is half done then shows whether it is done twice. */
const AIMED: Record<string, Fault> = {
  'service killed in a tool call': (scene, random) => inCall(scene, random, () => killService(scene)),
  'MCP server killed in a tool call': (scene, random) =>
    inCall(scene, random, () => strike(scene.todoServers(), 'SIGKILL')),
};

/** The next call is approved within this long, or it isn't waited for, in milliseconds. */
const NEXT_CALL_MS = 8_000;

function killService({ service, workspace }: Scene): boolean {
  const isUp = workspace.connected();
  if (isUp) service.crash();
  return isUp;
}

function strike(pids: number[], signal: NodeJS.Signals): boolean {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It is gone already.
    }
  }
  return pids.length > 0;
}

/** Strikes when people have approved the next tool call: somewhere between just before it is made and just after it. */
async function inCall(scene: Scene, random: Random, blow: () => boolean): Promise<boolean> {
  const afterMs = random.between(0, 1_200);
  const { workspace } = scene;
  const approved = () =>
    workspace
      .messages(workspace.channels.general)
      .filter(({ text }) => text.startsWith('A tool call was approved')).length;
  const before = approved();
  for (const began = Date.now(); approved() === before; ) {
    if (Date.now() - began > NEXT_CALL_MS) return false;
    await delay(50);
  }
  await delay(afterMs);
  return blow();
}

/** Makes things go wrong at random, until it is told to stop. Returns how often what went wrong. */
export async function makeTrouble(
  scene: Scene,
  random: Random,
  until: AbortSignal,
): Promise<Record<string, number>> {
  const struck: Record<string, number> = {};
  const strikeAtRandom = async (faults: Record<string, Fault>, own: Random, mostMs: number) => {
    while (!until.aborted) {
      await delay(own.between(150, mostMs), undefined, { signal: until }).catch(() => 'told to stop');
      if (until.aborted) break;
      const name = own.pick(Object.keys(faults));
      const could = await faults[name]?.(scene, own);
      if (could !== false) struck[name] = (struck[name] ?? 0) + 1;
    }
  };
  const aimed = createRandom(random.between(0, 2 ** 32));
  await Promise.all([strikeAtRandom(FAULTS, random, 900), strikeAtRandom(AIMED, aimed, 4_000)]);
  scene.workspace.faults.clear();
  scene.model.faults.clear();
  return struck;
}
