import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { commandLine } from '../../support/product/built.js';
import { lastCard, press, say } from '../../support/product/page-actions.js';
import { isAlive, startSandbox } from '../../support/product/sandbox.js';
import { beforeInBrowser, inBrowser, sandboxInBrowser } from '../../support/product/sandbox-in-browser.js';

describe('npm run sandbox, in the browser', () => {
  const own = sandboxInBrowser(4280);
  let page: Page;
  beforeInBrowser(async () => {
    page = await own.open();
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });

  inBrowser('prints the page’s address first, and says that the model is simulated', async () => {
    const addresses = own.sandbox.output().match(/http:\/\/\S+/g);
    assert.equal(addresses?.[0], `http://127.0.0.1:${own.port}/`);
    assert.match(own.sandbox.output(), /Model: simulated/);
    await page.getByText('Simulated model', { exact: true }).waitFor();
  });

  inBrowser('explains itself on the first visit, with goals to click on', async () => {
    await page.getByRole('heading', { name: 'Give the agent a goal' }).waitFor();
    await button('/agent Compare three ways to back up our Postgres database').click();
    const card = lastCard(page, 'Compare three ways to back up our Postgres database');
    await card.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await press(card, 'Reject');
    const dialog = page.getByRole('dialog', { name: 'Reject the plan' });
    await dialog.getByRole('textbox', { name: /Reason/ }).fill('we have one already');
    await press(dialog, 'Reject');
    await card.getByText(/Rejected by/).waitFor();
    await card.getByText('we have one already').waitFor();
    assert.equal(await card.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
  });

  inBrowser('runs the main job: command, card, Approve, result', async () => {
    await say(page, '/agent draft the release notes for 2.4');
    await page
      .getByText(/has started/)
      .last()
      .waitFor();
    const card = lastCard(page, 'Draft the release notes for 2.4');
    await card.getByLabel(/^Note/).fill('keep it short');
    await press(card, 'Approve');
    const thread = page.getByRole('complementary', { name: 'Thread' });
    await thread.getByText('Written by the simulated model').waitFor();
    await thread.getByText('keep it short').first().waitFor();
    await card.getByText(/Approved by/).waitFor();
    await button('Close the thread').click();
    await card.getByRole('link', { name: 'Open the result' }).click();
    await thread.getByText('keep it short').first().waitFor();
    assert.equal(await card.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
  });

  inBrowser('does not let another person approve, and tells them why, privately', async () => {
    await button('Close the thread').click();
    await say(page, '/agent announce the new office to everyone');
    const card = lastCard(page, 'Announce the new office to everyone');
    await card.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await button('Act as Ben Okafor').click();
    await press(card, 'Approve');
    await page
      .getByText(/Your click didn't count/)
      .last()
      .waitFor();
    await card.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await button('Act as Ana Silva').click();
    await page.getByText(/Your click didn't count/).waitFor({ state: 'detached' });
  });

  inBrowser('posts once and decides once when things go wrong that a curious person asked for', async () => {
    await page.getByText('What if…').click();
    await button('Lose Slack’s answer').click();
    await button('Deliver twice').click();
    await say(page, '/agent evaluate two ways to cache pages');
    const card = lastCard(page, 'Evaluate two ways to cache pages');
    await press(card, 'Approve');
    await card.getByText(/Approved by/).waitFor();
    const thread = page.getByRole('complementary', { name: 'Thread' });
    await thread.getByText('Written by the simulated model').waitFor();
    const log = page.getByRole('log', { name: 'Messages in #general' });
    assert.equal(await log.getByRole('heading', { name: 'Evaluate two ways to cache pages' }).count(), 1);
    await button('Close the thread').click();
  });

  inBrowser('goes on after it was killed while it waited, with everything still there', async () => {
    await say(page, '/agent migrate the billing database');
    const card = lastCard(page, 'Migrate the billing database');
    await card.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    const composer = page.getByRole('textbox', { name: /^Message/ });
    await composer.fill('half a thought');
    await own.crash();
    await page.getByText(/The sandbox does not answer/).waitFor();
    await own.startAgain();
    await page.getByText(/The sandbox does not answer/).waitFor({ state: 'detached' });
    assert.equal(await composer.inputValue(), 'half a thought');
    await composer.fill('');
    await press(card, 'Approve');
    await page
      .getByRole('complementary', { name: 'Thread' })
      .getByText('Written by the simulated model')
      .waitFor();
    await card.getByText(/Approved by/).waitFor();
  });

  inBrowser('fails the model when somebody asks for it, and plans after Retry', async () => {
    await button('Close the thread').click();
    await page.locator('summary', { hasText: 'What if…' }).click();
    await button('Fail the model').click();
    await say(page, '/agent plan the summer party');
    await page.locator('[data-action="run_retry"]').last().click();
    await button('Close the thread').click();
    const card = lastCard(page, 'Plan the summer party');
    await card.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  });

  own.expectNoComplaints();

  inBrowser(
    'names a port that is in use, takes another, keeps a command until the service is there, and has its ledger verified there',
    async () => {
      const elsewhere = mkdtempSync(join(tmpdir(), 'sandbox-'));
      const goal = 'compare two ways to brew coffee';
      const window = await own.browser.newPage();
      let typed = Promise.resolve();
      const onAddress = (url: string) => {
        typed = window.goto(url).then(async () => {
          await say(window, `/agent ${goal}`);
          await window.getByText(/Waiting for the service/).waitFor();
        });
      };
      const occupied = createServer();
      await new Promise<void>((resolve) => occupied.listen(4290, '127.0.0.1', resolve));
      try {
        const second = await startSandbox(elsewhere, 4290, {}, { onAddress });
        assert.match(second.output(), /Port 4290 is in use\. The page takes 4291 instead\./);
        assert.equal(second.url, 'http://127.0.0.1:4291/');
        await typed;
        const card = lastCard(window, 'Compare two ways to brew coffee');
        await card.getByRole('button', { name: 'Approve', exact: true }).waitFor();
        assert.equal(await window.getByText(/did not respond/).count(), 0);
        await window.close();
        const verify = commandLine('ledger', 'verify', '--directory', elsewhere);
        const { status, stderr } = spawnSync(process.execPath, verify, { encoding: 'utf8' });
        assert.deepEqual([status, stderr], [0, `Ledger: ${join(elsewhere, 'ledger.db')}\n`]);
        await second.stop();
      } finally {
        occupied.close();
        rmSync(elsewhere, { recursive: true, force: true });
      }
    },
  );

  inBrowser('stops cleanly on Ctrl-C and leaves no process behind', async () => {
    const temporal = own.sandbox.temporalPid();
    assert.equal(await own.sandbox.stop(), 0);
    assert.match(own.sandbox.output(), /Stopped\./);
    for (let tries = 0; isAlive(temporal) && tries < 100; tries += 1) await delay(50);
    assert.equal(isAlive(temporal), false);
  });
});
