import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../../src/sandbox/workspace/index.js';
import { buttonsOf } from '../../test/support/people.js';
import type { Scene } from '../../test/support/scene.js';
import type { Random } from './random.js';

/** A person who got no sign clicks again after this long, in milliseconds. */
const PATIENCE_MS = 6_000;

/** Gives the goals, one after the other; again when the app did not answer, or said that it could not confirm. */
export async function giveGoals({ workspace }: Scene, random: Random, count: number): Promise<void> {
  const { ana: user } = workspace.people;
  for (let index = 0; index < count; index += 1) {
    const goal = `chaos ${index} compare three ways to store files`;
    for (;;) {
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

/** Decides on every card that waits, and retries what failed, until told to stop. */
export async function decide({ workspace }: Scene, random: Random, until: AbortSignal): Promise<void> {
  const { general } = workspace.channels;
  const ana = workspace.as(workspace.people.ana);
  const touched = new Map<string, number>();
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
    if (wish === 'Approve') {
      await ana.click(message, 'Approve', { redeliver: random.pick([0, 0, 1]) });
      return;
    }
    await ana.click(message, wish);
    await delay(50);
    const [modal] = workspace.openViews(workspace.people.ana);
    if (modal) await ana.submit(modal.id, { answer: 'because' });
    if (modal) await ana.closeView(modal.id);
  }
}
