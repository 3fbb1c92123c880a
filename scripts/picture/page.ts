import type { Locator, Page } from 'playwright-core';

/** Finds what the pictures need on the sandbox's page: by the ids of actions and by roles, because words change. */

/** Buttons and menus of an action. */
export function action(within: Page | Locator, id: string): Locator {
  return within.locator(`[data-action="${id}"]`);
}

/** Choices of a question, in order. */
export function choices(within: Page | Locator): Locator {
  return within.locator('[data-action^="question_option_"]');
}

export const thread = (page: Page): Locator => page.getByRole('complementary', { name: 'Thread' });

/** Finds the newest card with a plan that waits, as a locator that stays with the card. */
export async function waitingCard(page: Page): Promise<Locator> {
  const card = page
    .getByRole('article')
    .filter({ has: action(page, 'plan_approve') })
    .last();
  await action(card, 'plan_approve').waitFor({ timeout: 60_000 });
  return page.locator(`[id="${await card.getAttribute('id')}"]`);
}

/** Gives a goal, and waits for its plan. */
export async function ask(page: Page, goal: string): Promise<Locator> {
  const before = await action(page, 'plan_approve').count();
  const composer = page.getByRole('textbox').first();
  await composer.fill(`/agent ${goal}`);
  await composer.press('Enter');
  await action(page, 'plan_approve').nth(before).waitFor({ timeout: 60_000 });
  return await waitingCard(page);
}

/** Waits until a run is over: it can be stopped before. */
export async function isOver(card: Locator): Promise<void> {
  await action(card, 'plan_approve').waitFor({ state: 'detached' });
  await action(card, 'run_stop').waitFor({ state: 'detached', timeout: 90_000 });
}

/** Opens the thread of a card. */
export async function openThread(page: Page, card: Locator): Promise<void> {
  await card.getByRole('button', { name: /repl/ }).click();
  await thread(page).waitFor();
}

export const become = (page: Page, name: string) =>
  page.getByRole('button', { name: `Act as ${name}` }).click();

export const go = (page: Page, place: RegExp) => page.getByRole('button', { name: place }).first().click();

/** Closes what a first visit shows above the channel. */
export async function closeWelcome(page: Page): Promise<void> {
  const close = page.getByRole('button', { name: 'Close the welcome' });
  if ((await close.count()) > 0) await close.click();
}

/** The button that kills the service with kill -9. */
export const killButton = (page: Page): Locator => page.getByRole('button', { name: /kill -9/ });
