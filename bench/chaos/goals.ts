import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery } from '../../sandbox/workspace/index.js';
import type { ApiCall } from '../../sandbox/workspace/web-api/index.js';
import type { Scene } from '../../test/support/product/scene.js';
import { buttonsOf } from '../../test/support/slack/people.js';
import type { Random } from './random.js';

/** Most runs that are open at once. Each restart of the service replays all of them. */
const OPEN_AT_ONCE = 60;

/** Goals that people give. `name` is unique to a goal, so no two goals share a to-do's title. */
const GOALS = [
  (name: string) => `${name} compare three ways to store files`,
  (name: string) => `${name} add to the to-do list: ${titles(name, 2)}`,
  (name: string) => `${name} add to the to-do list: ${titles(name, 3)}`,
  (name: string) => `${name} ask the team what comes first, then add to the to-do list: ${titles(name, 2)}`,
  (name: string) => `${name} ask me which to-do comes first, then complete it`,
];

/** Ways in which people give a goal. */
const WAYS = ['command', 'command', 'command', 'mention', 'follow-up'] as const;

/** Slack redelivers an unacknowledged mention more than ten times in this time, in milliseconds. The run's card follows soon after. */
const MENTION_MS = 170_000;

/** Most attempts to ask Temporal for a run, a second apart. */
const MOST_LOOKS = 60;

/** Most mentions of a person that wait for their turn. With more, their goals would be given long after all others. */
const MENTIONS_AHEAD = 3;

function titles(name: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `"Item ${name} ${index + 1}"`).join(', ');
}

/** A mention that led to neither a run nor a private message. */
export interface UnheardMention {
  goal: string;
  /** Each delivery of the mention's event to the app. */
  deliveries: Pick<Delivery, 'at' | 'retry' | 'result'>[];
  /** The app's ephemeral messages since the mention. */
  privateWords: ApiCall[];
}

/**
 * Gives the goals one after the other; repeats one without an answer or confirmation. A person has one mention at a time that waits for its
 * answer. Returns the mentions that led to nothing.
 */
export async function giveGoals(scene: Scene, random: Random, count: number): Promise<UnheardMention[]> {
  const unheard: UnheardMention[] = [];
  const askers = Object.values(scene.workspace.people).map((user) => ({
    user,
    waiting: 0,
    last: Promise.resolve(),
  }));
  let started = 0;
  for (let index = 0; index < count; index += 1) {
    while (started - cardsOver(scene) >= OPEN_AT_ONCE) await delay(100);
    const words = random.pick(GOALS);
    const goal = (attempt: number) => words(`chaos ${index}.${attempt}`);
    const way = random.pick(WAYS);
    const fewest = Math.min(...askers.map(({ waiting }) => waiting));
    if (way === 'command' || fewest >= MENTIONS_AHEAD) {
      await byCommand(scene, goal);
      started += 1;
    } else {
      const asker = random.pick(askers.filter(({ waiting }) => waiting === fewest));
      asker.waiting += 1;
      const redeliver = random.pick([0, 0, 0, 1]);
      asker.last = asker.last.then(async () => {
        const { user } = asker;
        const lost = await byMention(scene, goal, { user, redeliver, followUp: way === 'follow-up' });
        asker.waiting -= 1;
        if (lost) unheard.push(lost);
        else started += 1;
      });
    }
    await delay(random.between(50, 250));
  }
  await Promise.all(askers.map(({ last }) => last));
  return unheard;
}

/** Counts the cards whose run is over. */
export function cardsOver({ workspace }: Scene): number {
  return workspace.messages(workspace.channels.general).filter((card) => buttonsOf(card).includes('Details'))
    .length;
}

type Goal = (attempt: number) => string;

async function byCommand({ workspace }: Scene, goal: Goal): Promise<void> {
  const { ana: user } = workspace.people;
  for (let attempt = 1; ; attempt += 1) {
    const before = workspace.ephemerals(user).length;
    const done = await workspace.as(user).command(workspace.channels.general, '/agent', goal(attempt));
    const told = workspace.ephemerals(user).slice(before);
    if (done.ok && told.some(({ text }) => isStart(text, goal(attempt)))) return;
    await delay(500);
  }
}

/** Mentions the app in a new thread or, for a follow-up, in the thread of a finished run. Returns details of a mention that led to nothing. */
async function byMention(
  scene: Scene,
  goal: Goal,
  { user, redeliver, followUp }: { user: string; redeliver: number; followUp: boolean },
): Promise<UnheardMention | undefined> {
  const { workspace } = scene;
  const { general } = workspace.channels;
  const cards = () => workspace.messages(general).filter(({ onlyFor }) => !onlyFor);
  const over = cards().findLast((card) => followUp && buttonsOf(card).join() === 'Details');
  const threadTs = over && (over.threadTs ?? over.ts);
  for (let attempt = 1; ; attempt += 1) {
    const before = workspace.privateWords(user).length;
    const askedAt = Date.now();
    const asked = { redeliver, ...(threadTs && { threadTs }) };
    await workspace.as(user).mention(general, goal(attempt), asked);
    // Only one mention of a person waits at a time, so each private message to them is about this mention.
    const told = () => workspace.privateWords(user).slice(before);
    const answer = await workspace
      .waitFor(
        () => {
          if (told().some(({ text }) => isStart(text, goal(attempt)))) return 'started';
          if (cards().some(({ blocks }) => holds(blocks, goal(attempt)))) return 'started';
          return (
            told().some(({ text }) => /ask me (here )?again|try again in a moment/i.test(text)) && 'again'
          );
        },
        { timeoutMs: MENTION_MS, what: 'an answer to a mention' },
      )
      .catch(() => 'none');
    if (answer === 'started') return undefined;
    if (answer === 'none') {
      return (await hasRun(scene, goal(attempt)))
        ? undefined
        : unheardMention(workspace, goal(attempt), askedAt);
    }
    await delay(1_000);
  }
}

/** True if Temporal has the run of a goal: its card comes late while the model is away. Temporal itself may be away for a moment. */
async function hasRun(scene: Scene, goal: string): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { client, close } = await scene.connect();
      try {
        for await (const { memo } of client.workflow.list())
          if (nameIn(String(memo?.goal)) === nameIn(goal)) return true;
        return false;
      } finally {
        await close();
      }
    } catch (error) {
      if (attempt === MOST_LOOKS) throw error;
      await delay(1_000);
    }
  }
}

function unheardMention(
  { deliveries, requests }: Scene['workspace'],
  goal: string,
  askedAt: number,
): UnheardMention {
  return {
    goal,
    deliveries: deliveries
      .filter(({ payload: { event } }) => isMentionOf(event, goal))
      .map(({ at, retry, result }) => ({ at, ...(retry && { retry }), result })),
    privateWords: requests.filter(({ at, method }) => method === 'chat.postEphemeral' && at >= askedAt),
  };
}

function isMentionOf(event: unknown, goal: string): boolean {
  const { type, text = '' } = (event ?? {}) as { type?: string; text?: string };
  return type === 'app_mention' && text.includes(nameIn(goal));
}

function isStart(text: string, goal: string): boolean {
  return text.includes('has started') && text.includes(nameIn(goal));
}

function holds(blocks: unknown, goal: string): boolean {
  return JSON.stringify(blocks ?? '').includes(nameIn(goal));
}

function nameIn(goal: string): string {
  return /^chaos \d+\.\d+ /.exec(goal)?.[0] ?? goal;
}
