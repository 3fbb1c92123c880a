import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../../src/sandbox/workspace/index.js';
import { buttonsOf } from '../../test/support/people.js';
import type { Scene } from '../../test/support/scene.js';
import type { Random } from './random.js';

/** A person who got no sign clicks again after this long, in milliseconds. */
const PATIENCE_MS = 6_000;

/** A decision that Slack saw acknowledged without a word of doubt: it must be in Temporal. */
export interface Acknowledged {
  run: string;
  request: string;
  kind: 'approve' | 'reject' | 'changes';
  at: number;
}

/** Gives the goals, one after the other; again when the app did not answer, or said that it could not confirm. */
export async function giveGoals({ workspace }: Scene, random: Random, count: number): Promise<void> {
  const { ana: user } = workspace.people;
  for (let index = 0; index < count; index += 1) {
    for (let attempt = 1; ; attempt += 1) {
      const goal = `chaos ${index}.${attempt} compare three ways to store files`;
      const before = workspace.ephemerals(user).length;
      const redeliver = random.pick([0, 0, 0, 1]);
      const done = await workspace
        .as(user)
        .command(workspace.channels.general, '/agent', goal, { redeliver });
      const told = workspace.ephemerals(user).slice(before);
      if (done.ok && told.some(({ text }) => text.includes('has started'))) break;
      await delay(500);
    }
    await delay(random.between(50, 250));
  }
}

/** Decides on every card that waits, and retries what failed, until told to stop. Returns what was acknowledged. */
export async function decide(
  { workspace }: Scene,
  random: Random,
  until: AbortSignal,
): Promise<Acknowledged[]> {
  const { general } = workspace.channels;
  const { ana: user } = workspace.people;
  const ana = workspace.as(user);
  const touched = new Map<string, number>();
  const acknowledged: Acknowledged[] = [];
  while (!until.aborted) {
    for (const message of workspace.messages(general)) {
      const buttons = buttonsOf(message);
      const last = touched.get(message.ts) ?? 0;
      if (buttons.length === 0 || message.onlyFor || Date.now() - last < PATIENCE_MS) continue;
      touched.set(message.ts, Date.now());
      await act(message, buttons);
    }
    await delay(100);
  }
  return acknowledged;

  async function act(message: Message, buttons: string[]): Promise<void> {
    if (buttons.includes('Retry')) {
      await ana.click(message, 'Retry');
      return;
    }
    const wish = random.pick([
      'Approve',
      'Approve',
      'Approve',
      'Approve',
      'Reject',
      'Request changes',
    ] as const);
    const seen = { ...buttonRef(message), at: Date.now() };
    const before = workspace.ephemerals(user).length;
    if (wish === 'Approve') {
      const { ok } = await ana.click(message, 'Approve', { redeliver: random.pick([0, 0, 1]) });
      const told = workspace.ephemerals(user).slice(before);
      const doubted = told.some(({ text }) => /could not be confirmed|run is over/.test(text));
      if (ok && !doubted) acknowledged.push({ ...seen, kind: 'approve' });
      return;
    }
    await ana.click(message, wish);
    await delay(50);
    const [modal] = workspace.openViews(user);
    if (!modal) return;
    const { ok } = await ana.submit(modal.id, { answer: 'because' });
    // The modal that is open may be that of an earlier click: only what it says of itself counts.
    const about = refIn(JSON.parse(modal.privateMetadata ?? '{}').value);
    const kind = modal.callbackId === 'reject_plan' ? 'reject' : 'changes';
    if (ok) acknowledged.push({ ...about, at: seen.at, kind });
    await ana.closeView(modal.id);
  }
}

function buttonRef(message: Message): { run: string; request: string } {
  const actions = message.blocks?.find((block) => block.type === 'actions');
  return refIn((actions?.elements as { value?: string }[] | undefined)?.[0]?.value);
}

function refIn(value: string | undefined): { run: string; request: string } {
  const { run = '', request = '' } = JSON.parse(value ?? '{}') as { run?: string; request?: string };
  return { run, request };
}
