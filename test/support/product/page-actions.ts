import type { Locator, Page } from 'playwright-core';

/** The newest card with this title. */
export function lastCard(page: Page, title: string): Locator {
  return page
    .getByRole('article')
    .filter({ has: page.getByRole('heading', { name: title }) })
    .last();
}

/** Clicks a button by the whole of its label. */
export async function press(within: Page | Locator, label: string): Promise<void> {
  await within.getByRole('button', { name: label, exact: true }).click();
}

/** Chooses from a card's menu behind the ellipsis. */
export async function choose(within: Page | Locator, label: string): Promise<void> {
  await within.getByLabel('More actions').selectOption(label);
}

/** Types into the composer of the channel, and sends it. */
export async function say(page: Page, text: string): Promise<void> {
  const composer = page.getByRole('textbox').first();
  await composer.fill(text);
  await composer.press('Enter');
}
