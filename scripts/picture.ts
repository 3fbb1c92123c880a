import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrowser } from '../test/support/browser.js';
import { startSandbox } from '../test/support/sandbox.js';

/** Takes the README's picture: `npm run picture`. */
const directory = mkdtempSync(join(tmpdir(), 'picture-'));
const sandbox = await startSandbox(directory, 4380);
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1360, height: 860 }, deviceScaleFactor: 1.5 });
  await page.goto(sandbox.url);
  const composer = page.getByRole('textbox').first();
  const run = async (goal: string) => {
    await composer.fill(`/agent ${goal}`);
    await composer.press('Enter');
    const card = page
      .getByRole('article')
      .filter({ has: page.getByRole('heading', { name: new RegExp(goal, 'i') }) });
    await card.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    return card;
  };
  const first = await run('compare three ways to back up our database');
  await first.getByRole('button', { name: 'Approve', exact: true }).click();
  await page.getByText('Written by the simulated model').waitFor();
  await run('draft the release notes for 2.4');
  await page.waitForTimeout(500);
  await page.screenshot({ path: 'docs/sandbox.png' });
} finally {
  await browser.close();
  await sandbox.stop();
  rmSync(directory, { recursive: true, force: true });
}
