import type { Message } from '../../sandbox/workspace/index.js';
import { ACTIONS } from '../../src/slack/messages/kit/ids.js';
import type { Scene } from '../../test/support/product/scene.js';
import { wordsOf } from '../../test/support/slack/people.js';
import { type Acknowledged, readButton, shownButtons } from './acknowledged.js';
import type { Hand } from './people.js';

/** Answers a question in a thread: the model's own, one about a call whose answer was lost, or one about the budget. */
export async function answerQuestion(
  { scene, random, click }: Hand,
  message: Message,
): Promise<Acknowledged | undefined> {
  const buttons = shownButtons(message).flatMap((button) => {
    const value = button.action === ACTIONS.exactInput ? undefined : readButton(button.value);
    return value ? [{ ...button, ...value }] : [];
  });
  const chosen = choose();
  if (!chosen) return undefined;
  const { action, run, request, items, choice } = chosen;
  const at = Date.now();
  const note = action === ACTIONS.answer ? inOwnWords(run) : '';
  if (!(await click(message, action, note === '' ? {} : { answer: note }))) return undefined;
  return { kind: 'answer', run, request, items, note, at, ...(choice !== undefined && { choice }) };

  function choose(): (typeof buttons)[number] | undefined {
    const byChoice = (id: string) => buttons.find((button) => button.choice === id);
    const stop = byChoice('stop');
    if (stop && random.between(0, 8) < 1) return stop;
    if (byChoice('happened')) return byChoice(hasHappened(scene, message) ? 'happened' : 'again');
    const others = buttons.filter((button) => button !== stop);
    return others.length > 0 ? random.pick(others) : undefined;
  }
}

/** Looks at the to-do list, as a person would, to see whether a change happened. */
function hasHappened({ todos }: Scene, message: Message): boolean {
  const words = wordsOf(message);
  const id = /\bid: +(\d+)/.exec(words)?.[1];
  if (id !== undefined) return todos().find((todo) => todo.id === Number(id))?.done !== false;
  const title = /“([^”]+)”/.exec(words)?.[1];
  return todos().some((todo) => todo.title === title);
}

/** The simulated model obeys the second line and asks for one more call, which people must approve like any other. */
function inOwnWords(run: string): string {
  return `None of these.\nCALL TOOL todo__add_todo {"title": "Item of ${run}"}`;
}
