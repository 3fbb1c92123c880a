import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../../sandbox/workspace/index.js';
import type { Scene } from '../../test/support/product/scene.js';
import { buttonsOf, wordsOf } from '../../test/support/slack/people.js';
import { endReplicas, killService } from './deaths.js';
import { passing } from './passing.js';
import { createRandom, type Random } from './random.js';

/** Longest pause between two faults, in milliseconds. With shorter ones the service does little but start. */
const PAUSE_MS = 2_000;

/** Time of slow pongs, in milliseconds. */
const SLOW_PONGS_MS = 20_000;

/** Injects one fault. Returns false when there was nothing to break. */
type Fault = (scene: Scene, random: Random) => unknown;

/** A fault for a service of one process. Replicas die at regular intervals instead. */
const DEATH: Record<string, Fault> = { 'service killed': killService };

/** Faults of a ledger in PostgreSQL. */
const DATABASE: Record<string, Fault> = { 'PostgreSQL restarted': (scene) => scene.restartDatabase() };

const FAULTS: Record<string, Fault> = {
  'Temporal restarted': (scene) => scene.restartTemporal(),
  'Temporal away for a while': (scene, random) => scene.restartTemporal(random.between(1_000, 5_000)),
  'Slack: answer lost': ({ workspace }, random) =>
    passing(workspace.faults, {
      kind: 'lose-answer',
      method: random.pick(['chat.postMessage', 'chat.update']),
    }),
  'Slack: request dropped': ({ workspace }, random) =>
    passing(workspace.faults, {
      kind: 'drop',
      method: random.pick(['chat.postMessage', 'chat.update', 'conversations.history']),
    }),
  'Slack: slow': ({ workspace }) =>
    passing(workspace.faults, { kind: 'slow', method: 'chat.postMessage', delayMs: 1_500 }),
  'Slack: slow to answer a click': ({ workspace }, random) =>
    passing(workspace.faults, {
      kind: 'slow',
      method: random.pick(['response_url', 'chat.postEphemeral', 'users.info']),
      delayMs: 2_500,
    }),
  'Slack: 429': ({ workspace }) =>
    passing(workspace.faults, { kind: 'ratelimited', method: '*', retryAfterS: 1 }),
  'Slack: 500': ({ workspace }) => passing(workspace.faults, { kind: 'error-500', method: '*' }),
  'Slack: connection refreshed': ({ workspace }, random) => {
    const times = { warningMs: random.between(0, 2_000), closeMs: random.between(0, 1_500) };
    void workspace.sockets.refresh(times);
  },
  'Slack: connection closed': ({ workspace }) => workspace.sockets.hangUp(),
  'Slack: slow pongs': ({ workspace: { sockets } }) => {
    sockets.pongDelayMs = 6_000;
    setTimeout(() => {
      sockets.pongDelayMs = 0;
    }, SLOW_PONGS_MS);
  },
  // A click or command that the ghost gets is gone, and people click again.
  'Slack: ghost connection': ({ workspace }, random) =>
    workspace.sockets.addGhosts(1, random.between(500, 3_000)),
  'Slack: delivered twice': ({ workspace }) => workspace.deliverTwice(),
  'Slack: a waiting card deleted': ({ workspace }, random) =>
    deleteOne(workspace, random, (message) => buttonsOf(message).includes('Request changes')),
  'Slack: the root of a thread deleted': ({ workspace }, random) =>
    deleteOne(workspace, random, ({ user, text }) => user !== workspace.botUser && text.includes('chaos')),
  'Slack: update failed': ({ workspace }) =>
    passing(workspace.faults, { kind: 'refuse', error: 'update_failed', method: 'chat.update' }),
  'Slack: 429 on updates': ({ workspace }) =>
    passing(workspace.faults, {
      kind: 'ratelimited',
      retryAfterS: 1,
      method: 'chat.update',
      every: 3,
      times: 3,
    }),
  'Slack: file late': ({ workspace }, random) =>
    passing(workspace.faults, { kind: 'slow', method: 'share', delayMs: random.between(2_000, 10_000) }),
  'Slack: file never shown': ({ workspace }) => passing(workspace.faults, { kind: 'drop', method: 'share' }),
  'model: 429': ({ model }) => passing(model.faults, { kind: 'error', status: 429, retryAfterS: 1 }),
  'model: 500': ({ model }) => passing(model.faults, { kind: 'error', status: 500 }),
  'model: 529': ({ model }) => passing(model.faults, { kind: 'error', status: 529 }),
  // Runs wait beyond the attempts that wrong answers have. It ends by itself, as an overload does, however few runs meet it.
  'model: overloaded for a while': ({ model }, random) =>
    passing(
      model.faults,
      { kind: 'error', status: 529, times: Number.POSITIVE_INFINITY },
      random.between(3_000, 10_000),
    ),
  'model: answers late': ({ model }) =>
    passing(model.faults, { kind: 'slow', beforeMs: 3_000, overMs: 3_000 }),
  'model: stream cut': ({ model }) => passing(model.faults, { kind: 'cut-stream' }),
  // A search that hangs times out after a minute, so one in three is enough.
  'model: hang': ({ model }, random) =>
    random.pick([true, false, false]) && passing(model.faults, { kind: 'hang', match: 'search' }),
  'model: connection reset': ({ model }) => passing(model.faults, { kind: 'reset' }),
  'model: knows no web search': ({ model }) => {
    const message = 'Unsupported tool type: web_search_20260318';
    passing(model.faults, { kind: 'error', status: 500, message, match: 'search', times: 2 });
  },
  'model: a plan in words': ({ model }) =>
    passing(model.faults, { kind: 'says', text: 'I can’t plan that yet.', match: 'plan' }),
  'model: blank text and one id for all calls': ({ model }) =>
    passing(model.faults, { kind: 'odd-answer', match: 'turn' }),
  'model: a refusal of 900,000 characters': ({ model }) =>
    passing(model.faults, { kind: 'error', status: 400, match: 'turn', message: '漢🙂 '.repeat(225_000) }),
  // The refusal is final: the run fails in the middle of its execution, and people retry the run.
  'model: refuses a turn': ({ model }) =>
    passing(model.faults, { kind: 'error', status: 400, match: 'turn' }),
  'model: thinks up to the limit': ({ model }) => passing(model.faults, { kind: 'thinks', tokens: 20_000 }),
  'model: context full': ({ model }) =>
    passing(model.faults, {
      kind: 'error',
      status: 400,
      message: 'prompt is too long: 200001 tokens > 200000 maximum',
      match: 'turn',
      turn: 2,
    }),
  // The seventh tool is `mark_step`: the turn goes on without it.
  'model: refuses a tool': ({ model }) =>
    passing(model.faults, {
      ...{ kind: 'error', status: 400, match: 'turn' },
      message: 'tools.6.custom.input_schema: JSON schema is invalid.',
    }),
  'MCP server killed': ({ todoServers }) => strike(todoServers(), 'SIGKILL'),
  'MCP server hangs': ({ todoServers }, random) => {
    const pids = todoServers();
    strike(pids, 'SIGSTOP');
    setTimeout(() => strike(pids, 'SIGCONT'), random.between(200, 2_000));
  },
};

/**
 * Deletes a message of the channel that is no reply, or a card in a thread. Somebody answers it first now and then: then “This message was deleted” stays
 * in its place. Without replies nothing stays.
 */
async function deleteOne(
  workspace: Scene['workspace'],
  random: Random,
  isIt: (message: Message) => boolean,
): Promise<boolean> {
  const found = workspace
    .messages(workspace.channels.general)
    .filter((message) => !message.onlyFor && !message.subtype && isIt(message));
  if (found.length === 0) return false;
  // The newest ones: their runs are at work, or about to post.
  const message = random.pick(found.slice(-5));
  if (random.pick([true, false]))
    await workspace.as(workspace.people.ben).reply(message, 'I am looking at it');
  workspace.deleteMessage(message);
  return true;
}

/** Faults aimed at tool calls: a half-done call shows whether the service makes a call twice. */
const AIMED: Record<string, Fault> = {
  'service killed in a tool call': (scene, random) => inCall(scene, random, () => killService(scene, random)),
  'MCP server killed in a tool call': (scene, random) =>
    inCall(scene, random, () => strike(scene.todoServers(), 'SIGKILL')),
};

/** Longest wait for people to approve the next call, in milliseconds. */
const NEXT_CALL_MS = 8_000;

function strike(pids: number[], signal: NodeJS.Signals): boolean {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // The process has already ended.
    }
  }
  return pids.length > 0;
}

/** Waits until people approve the next tool call, then breaks something just before, during or just after that call. */
async function inCall(scene: Scene, random: Random, blow: () => boolean): Promise<boolean> {
  const afterMs = random.between(0, 1_200);
  const { workspace } = scene;
  const approved = () =>
    workspace
      .messages(workspace.channels.general)
      .filter((message) => message.threadTs && wordsOf(message).includes(':white_check_mark: Approved by'))
      .length;
  const before = approved();
  for (const began = Date.now(); approved() === before; ) {
    if (Date.now() - began > NEXT_CALL_MS) return false;
    await delay(50);
  }
  await delay(afterMs);
  return blow();
}

/** Injects faults at random until the signal aborts. Returns the number of injected faults by name. */
export async function makeTrouble(
  scene: Scene,
  random: Random,
  until: AbortSignal,
): Promise<Record<string, number>> {
  const { workspace, model, services } = scene;
  const struck: Record<string, number> = {};
  const count = (name: string) => {
    struck[name] = (struck[name] ?? 0) + 1;
  };
  const strikeAtRandom = async (faults: Record<string, Fault>, own: Random, mostMs: number) => {
    while (!until.aborted) {
      await delay(own.between(mostMs / 6, mostMs), undefined, { signal: until }).catch(() => 'told to stop');
      if (until.aborted) break;
      const name = own.pick(Object.keys(faults));
      const could = await faults[name]?.(scene, own);
      if (could !== false) count(name);
    }
  };
  const aimed = createRandom(random.between(0, 2 ** 32));
  const isAlone = services.length === 1;
  const usesPostgres = !scene.ledgerUrl.startsWith('file:');
  await Promise.all([
    strikeAtRandom({ ...(isAlone && DEATH), ...FAULTS, ...(usesPostgres && DATABASE) }, random, PAUSE_MS),
    strikeAtRandom(AIMED, aimed, 2 * PAUSE_MS),
    ...(isAlone ? [] : [endReplicas(scene, createRandom(random.between(0, 2 ** 32)), until, count)]),
  ]);
  workspace.faults.clear();
  model.faults.clear();
  return struck;
}
