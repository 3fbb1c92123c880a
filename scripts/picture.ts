import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser } from '../test/support/product/browser.js';
import { startSandbox } from '../test/support/product/sandbox.js';

/** Takes the README's pictures from the sandbox's page: `npm run picture`. */
const SIZE = { width: 1360, height: 860 };
const directory = mkdtempSync(join(tmpdir(), 'picture-'));
const sandbox = await startSandbox(directory, 4380);
const browser = await openBrowser();

const shoot = async (page: Page, name: string) => {
  await page.waitForTimeout(600);
  await page.screenshot({ path: `docs/${name}.png` });
};
const cardIn = (page: Page, title: string) =>
  page
    .getByRole('article')
    .filter({ has: page.getByRole('heading', { name: new RegExp(title, 'i') }) })
    .last();
const press = (page: Page, title: string, label: string) =>
  cardIn(page, title).getByRole('button', { name: label, exact: true }).click();
const become = (page: Page, name: string) => page.getByRole('button', { name: `Act as ${name}` }).click();
const go = (page: Page, place: RegExp) => page.getByRole('button', { name: place }).first().click();

try {
  const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 1.5 });
  await page.goto(sandbox.url);
  const ask = async (goal: string) => {
    const composer = page.getByRole('textbox').first();
    await composer.fill(`/agent ${goal}`);
    await composer.press('Enter');
    await cardIn(page, goal).getByRole('button', { name: 'Approve', exact: true }).waitFor();
  };
  const backups = 'compare three ways to back up our database';
  await ask(backups);
  await press(page, backups, 'Approve');
  await page.getByText('Written by the simulated model').waitFor();
  await ask('draft the release notes for 2.4');
  await shoot(page, 'sandbox');
  await page.getByRole('button', { name: 'Close the thread' }).click();

  await page.setViewportSize({ ...SIZE, height: 1070 });
  const todo = 'add "Brief the support team" to our to-do list';
  await ask(todo);
  await press(page, todo, 'Approve');
  await page.getByText(/Waiting for people/).waitFor();
  await page.getByText('What would be sent, exactly:').waitFor();
  await shoot(page, 'execution');
  await page.getByText('What if…').click();
  const thread = page.getByRole('complementary', { name: 'Thread' });
  await thread.getByRole('button', { name: 'Approve', exact: true }).click();
  await thread.getByText(/running: title/).waitFor();
  await page.getByRole('button', { name: 'Kill the service (kill -9)' }).click();
  await thread.getByRole('button', { name: 'It happened' }).waitFor({ timeout: 60_000 });
  await page.mouse.move(0, 0);
  await shoot(page, 'question');
  await thread.getByRole('button', { name: 'It happened' }).click();
  await page.getByText('What if…').click();
  await page.getByRole('button', { name: 'Close the thread' }).click();
  await page.setViewportSize(SIZE);

  await go(page, /approvals/);
  const keys = 'rotate the signing keys';
  await ask(keys);
  await become(page, 'Ben Okafor');
  await go(page, /approvals/);
  await press(page, keys, 'Edit plan');
  const form = page.getByRole('dialog', { name: 'Edit plan' });
  await form.getByLabel('More steps').fill('Tell the partners\nA week before, by e-mail.');
  await shoot(page, 'edit');
  await form.getByRole('button', { name: 'Save as a revision' }).click();
  await cardIn(page, keys)
    .getByText(/revision 2/)
    .waitFor();
  await cardIn(page, keys).getByRole('button', { name: /repl/ }).click();
  await page.getByText('What has changed').waitFor();
  await become(page, 'Chloe Martin');
  await go(page, /approvals/);
  await press(page, keys, 'Approve');
  await cardIn(page, keys)
    .getByText(/1 of 2 approvals/)
    .waitFor();
  await cardIn(page, keys).getByRole('button', { name: /repl/ }).click();
  await shoot(page, 'approval');
  await become(page, 'Dev Patel');
  await page.getByRole('button', { name: 'Countersign' }).first().click();
  await page.getByText('Waiting for you (1)').waitFor();
  await shoot(page, 'home');
  await go(page, /approvals/);
  await press(page, keys, 'Approve');
  await cardIn(page, keys).getByText('Done.').waitFor();
  await press(page, keys, 'Details');
  await page
    .getByRole('dialog')
    .getByText(/It ended/)
    .waitFor();
  await shoot(page, 'details');
} finally {
  await browser.close();
  await sandbox.stop();
  rmSync(directory, { recursive: true, force: true });
}
